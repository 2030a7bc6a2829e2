// The ladder with its dates, what to give and watch, and the bag for each step.
import { about, asOf } from '../about.ts'
import { get } from '../api.ts'
import { inWords, millilitres, power } from '../dose.ts'
import { Badge, Field, Powers, useRead, Waiting } from '../parts/basics.tsx'
import { ask, link, route } from '../route.ts'
import { t, word } from '../text.ts'
import type { PlannedInfusion, StockPlan, Task } from '../types.ts'

export function useProtocol(): [string, (id: string) => void] {
  const known = about.value?.protocols ?? []
  const named = (route.value.query.get('protocol') ?? '').split(',')[0] || known[0]?.id || ''
  return [named, (id) => ask('protocol', id)]
}

export function ProtocolChoice() {
  const [protocol, setProtocol] = useProtocol()
  return (
    <Field label={t('app.protocol')}>
      <select value={protocol} onChange={(e) => setProtocol(e.currentTarget.value)}>
        {about.value?.protocols.map((one) => (
          <option key={one.id} value={one.id}>
            {one.id}
          </option>
        ))}
      </select>
    </Field>
  )
}

function Tasks({ title, tasks }: { title: string; tasks: Task[] }) {
  if (tasks.length === 0) return null
  return (
    <>
      <h3>{title}</h3>
      <ul>
        {tasks.map((task, i) => (
          <li key={i}>
            {task.what}: {task.timing}
            {task.first ? ` (${task.first}${task.last && task.last !== task.first ? ` – ${task.last}` : ''})` : ''}
            {task.applies.truth === 'unknown' ? <span class="warn"> {t('truth.unknown')}: {task.applies.reasons.join(', ')}</span> : null}
            {task.cite ? <span class="small"> {task.cite.reference ?? task.cite.source}, {task.cite.locator}</span> : null}
          </li>
        ))}
      </ul>
    </>
  )
}

function Cells({ infusion }: { infusion: PlannedInfusion }) {
  return (
    <>
      {infusion.targets.map((target) =>
        target.total_low === null ? (
          <div class="warn" key={target.cells}>
            {t('due.noWeight')}
          </div>
        ) : (
          <div key={target.cells}>
            <Powers text={power(target.total_low)} />
            {target.total_high && target.total_high !== target.total_low ? (
              <>
                {' – '}
                <Powers text={power(target.total_high)} />
              </>
            ) : null}{' '}
            {word('dose', target.cells)} <span class="small">({inWords(target.total_low)})</span>
            {target.ratio_to_last ? <div class="small">{t('plan.ratio', Number(Number(target.ratio_to_last).toPrecision(3)))}</div> : null}
          </div>
        ),
      )}
    </>
  )
}

export function PlanScreen({ patient }: { patient: string }) {
  const day = asOf()
  const [protocol] = useProtocol()
  const read = useRead(
    () => get<StockPlan>(`/api/patients/${encodeURIComponent(patient)}/plan`, { protocol, as_of: day }),
    `${patient}|${protocol}|${day}`,
  )
  return (
    <>
      <h1>{t('plan.title', patient)}</h1>
      <div class="row">
        <Field label={t('app.asOf')}>
          <input type="date" value={day} onChange={(e) => ask('as_of', e.currentTarget.value)} />
        </Field>
        <ProtocolChoice />
      </div>
      <Waiting read={read}>
        {(stock) => {
          const { plan } = stock.decision
          const bagOf = (number: number) => stock.infusions.find((one) => one.number === number)?.bags
          return (
            <>
              <p>
                <Badge group="action" name={stock.decision.decision} />{' '}
                <b>
                  <Powers text={stock.headline || stock.decision.because} />
                </b>
              </p>
              {plan.weight?.kg ? <p class="small">{t('plan.weight', plan.weight.kg, plan.weight.date)}</p> : <p class="warn">{t('patient.noWeight')}</p>}
              <h2>{t('plan.ladder')}</h2>
              <table class="stack">
                <thead>
                  <tr>
                    <th scope="col">{t('plan.number')}</th>
                    <th scope="col">{t('plan.dose')}</th>
                    <th scope="col">{t('plan.cells')}</th>
                    <th scope="col">{t('plan.dates')}</th>
                    <th scope="col">{t('plan.bag')}</th>
                  </tr>
                </thead>
                <tbody>
                  {plan.infusions.map((infusion) => {
                    const bags = bagOf(infusion.number)
                    const first = bags?.proposals[0]
                    return (
                      <tr key={infusion.number}>
                        <td data-label={t('plan.number')}>
                          <b>{infusion.number}</b> {infusion.is_next ? <span class="badge plain">{t('plan.next')}</span> : null}
                        </td>
                        <td data-label={t('plan.dose')} class="dose">
                          {infusion.dose ? <Powers text={infusion.dose.text} /> : <span class="warn">{t('plan.noDose', infusion.dose_gap)}</span>}
                        </td>
                        <td data-label={t('plan.cells')}>
                          <Cells infusion={infusion} />
                        </td>
                        <td data-label={t('plan.dates')}>
                          {infusion.dates.earliest ? <div>{t('plan.earliest', infusion.dates.earliest)}</div> : null}
                          {infusion.dates.recommended_first ? (
                            <div>{t('plan.recommended', infusion.dates.recommended_first, infusion.dates.recommended_last ?? '…')}</div>
                          ) : null}
                          {infusion.dates.latest ? <div>{t('plan.latest', infusion.dates.latest)}</div> : null}
                        </td>
                        <td data-label={t('plan.bag')}>
                          {first ? (
                            first.draws.map((draw) => (
                              <div key={draw.bag}>
                                <b>{millilitres(draw.volume_ml)}</b>, {draw.bag}
                              </div>
                            ))
                          ) : bags ? (
                            <span class="warn">{t('bags.none', bags.gap)}</span>
                          ) : null}
                        </td>
                      </tr>
                    )
                  })}
                </tbody>
              </table>
              {plan.end ? <p class="small">{plan.end}</p> : null}
              <p>
                <a href={link(['patients', patient, 'bags'], { protocol, as_of: route.value.query.get('as_of') ?? undefined })}>
                  {t('patient.bags')}
                </a>
              </p>
              {plan.cautions.length ? (
                <>
                  <h2>{t('plan.cautions')}</h2>
                  <ul>
                    {plan.cautions.map((text) => (
                      <li key={text} class="warn">
                        {text}
                      </li>
                    ))}
                  </ul>
                </>
              ) : null}
              <h2>{t('plan.tasks')}</h2>
              {plan.infusions
                .filter((infusion) => infusion.is_next)
                .map((infusion) => (
                  <div key={infusion.number}>
                    <Tasks title={t('plan.preparation')} tasks={infusion.preparation} />
                    <Tasks title={t('plan.prophylaxis')} tasks={infusion.prophylaxis} />
                    <Tasks title={t('plan.monitoring')} tasks={infusion.monitoring} />
                  </div>
                ))}
              <h2>{t('plan.given')}</h2>
              {stock.decision.infusions_given.length === 0 ? <p>{t('plan.given.none')}</p> : null}
              <ul>
                {stock.decision.infusions_given.map((one, i) => (
                  <li key={i}>
                    {one.date}: <Powers text={one.as_written} />
                    {one.status_unknown ? <span class="warn"> {t('truth.unknown')}</span> : null}
                  </li>
                ))}
              </ul>
            </>
          )
        }}
      </Waiting>
    </>
  )
}
