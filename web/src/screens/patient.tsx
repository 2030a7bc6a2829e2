// The head of every patient screen, and its parts.
import { asOf } from '../about.ts'
import { get, may } from '../api.ts'
import { instant, useRead, Waiting } from '../parts/basics.tsx'
import { link, route } from '../route.ts'
import { t, type Key } from '../text.ts'
import type { Patient } from '../types.ts'
import { TimelineScreen } from './timeline.tsx'
import { DecisionScreen } from './decision.tsx'
import { PlanScreen } from './plan.tsx'
import { BagsScreen } from './bags.tsx'
import { EntryScreen } from './entry.tsx'
import { EventLog } from './admin.tsx'

const tabs: { name: string; task: string }[] = [
  { name: 'timeline', task: 'read_patients' },
  { name: 'decision', task: 'read_patients' },
  { name: 'plan', task: 'read_patients' },
  { name: 'bags', task: 'read_patients' },
  { name: 'entry', task: 'write_entries' },
  { name: 'log', task: 'read_audit' },
]

function Head({ patient }: { patient: Patient }) {
  const hold = patient.hold
  return (
    <>
      <p style="margin:0 0 8px">
        <b style="font-size:18px">{patient.name || patient.id}</b>{' '}
        {patient.name ? <span>{patient.id}</span> : null}{' '}
        {patient.birth_date ? <span>{t('patient.born', patient.birth_date)}</span> : null}{' '}
        {patient.identifier ? <span>{patient.identifier}</span> : null}
        <br />
        <span class="small">
          {patient.day_zero ? t('patient.dayZero', patient.day_zero) : t('patient.noDayZero')}
          {patient.day ? `; ${t('patient.day', patient.day)}` : ''}
          {'; '}
          {patient.weight
            ? t(patient.weight.is_current === false ? 'patient.weightOld' : 'patient.weight', patient.weight.text, patient.weight.date)
            : t('patient.noWeight')}
        </span>
      </p>
      {hold ? (
        <div class="band hold" role="alert">
          {t('patient.hold', hold.full_name || hold.who, instant(hold.at), hold.reason ?? '')}
        </div>
      ) : null}
    </>
  )
}

export function PatientScreen({ id, tab }: { id: string; tab: string }) {
  const day = asOf()
  const read = useRead(() => get<Patient>(`/api/patients/${encodeURIComponent(id)}`, { as_of: day }), `${id}|${day}`)
  const kept = {
    as_of: route.value.query.get('as_of') ?? undefined,
    protocol: route.value.query.get('protocol') ?? undefined,
  }
  return (
    <Waiting read={read}>
      {(patient) => (
        <>
          <Head patient={patient} />
          <nav class="tabs" aria-label={patient.id}>
            {tabs
              .filter((one) => may(one.task))
              .map((one) => (
                <a key={one.name} href={link(['patients', id, one.name], kept)} aria-current={tab === one.name ? 'page' : undefined}>
                  {t(`patient.${one.name}` as Key)}
                </a>
              ))}
          </nav>
          {tab === 'timeline' ? <TimelineScreen patient={id} /> : null}
          {tab === 'decision' ? <DecisionScreen patient={id} changed={read.again} hold={patient.hold ?? null} /> : null}
          {tab === 'plan' ? <PlanScreen patient={id} /> : null}
          {tab === 'bags' ? <BagsScreen patient={id} /> : null}
          {tab === 'entry' ? <EntryScreen patient={id} changed={read.again} /> : null}
          {tab === 'log' ? <EventLog patient={id} /> : null}
        </>
      )}
    </Waiting>
  )
}
