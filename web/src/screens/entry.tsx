// What does not come by FHIR: GVHD stages one organ per step with the criteria shown, chimerism, MRD, judgements.
import { useState } from 'preact/hooks'
import { about, asOf } from '../about.ts'
import { get, post } from '../api.ts'
import { ActionForm, Badge, Field, Powers, useRead, Waiting } from '../parts/basics.tsx'
import { link } from '../route.ts'
import { language, t, word, type Key } from '../text.ts'
import type { CatalogueFact, Decisions, GvhdSteps } from '../types.ts'

interface Recorded {
  id: string
  graded?: { text: string } | null
}

interface NewEntry {
  fact: string
  value: string
  unit?: string
  method?: string
}

type Record = (entry: NewEntry) => Promise<Recorded>

const kinds = ['gvhd', 'chimerism', 'mrd', 'weight', 'judgement', 'other'] as const
type Kind = (typeof kinds)[number]

const lineages = [
  'donor_chimerism_blood',
  'donor_chimerism_t',
  'donor_chimerism_myeloid',
  'donor_chimerism_marrow',
  'donor_chimerism_cd34',
  'donor_chimerism_b',
  'donor_chimerism_nk',
]

function Organs({ record, done }: { record: Record; done: (text: string) => void }) {
  const lang = language.value
  const read = useRead(() => get<GvhdSteps>('/api/gvhd-steps', { lang }), lang)
  const [at, setAt] = useState(0)
  const [stages, setStages] = useState<{ [fact: string]: string }>({})
  return (
    <Waiting read={read}>
      {(gvhd) => {
        const total = gvhd.steps.length
        const step = gvhd.steps[at]
        return (
          <>
            <p class="small">{t('entry.criteria', gvhd.criteria, gvhd.source)}</p>
            <progress max={total} value={at} aria-label={t('entry.kind.gvhd')} />
            {step ? (
              <form
                onSubmit={(e) => {
                  e.preventDefault()
                  setAt(at + 1)
                }}
              >
                <fieldset>
                  <legend>{t('entry.step', at + 1, total, word('organ', step.organ))}</legend>
                  {step.stages.map((stage) => (
                    <label key={stage.stage} style="padding:4px 0">
                      <input
                        type="radio"
                        name={step.fact}
                        required
                        checked={stages[step.fact] === stage.stage}
                        onChange={() => setStages({ ...stages, [step.fact]: stage.stage })}
                      />
                      <b>{t('entry.stage', stage.stage)}</b> {stage.text}
                    </label>
                  ))}
                  <label style="padding:4px 0">
                    <input
                      type="radio"
                      name={step.fact}
                      required
                      checked={stages[step.fact] === ''}
                      onChange={() => setStages({ ...stages, [step.fact]: '' })}
                    />
                    {t('entry.notAssessed')}
                  </label>
                </fieldset>
                <div class="row">
                  {at > 0 ? (
                    <button type="button" onClick={() => setAt(at - 1)}>
                      {t('entry.back')}
                    </button>
                  ) : null}
                  <button type="submit" class="main">
                    {t('entry.next')}
                  </button>
                </div>
              </form>
            ) : (
              <ActionForm
                button={t('entry.save', t('entry.kind.gvhd'))}
                disabled={Object.values(stages).every((stage) => stage === '')}
                onSend={async () => {
                  let said = ''
                  for (const one of gvhd.steps) {
                    const stage = stages[one.fact]
                    if (!stage) continue
                    const recorded = await record({ fact: one.fact, value: stage, method: gvhd.criteria })
                    said = recorded.graded?.text ?? said
                  }
                  done(said || t('entry.kind.gvhd'))
                }}
              >
                <h3>{t('entry.review')}</h3>
                <dl class="pairs">
                  {gvhd.steps.map((one) => (
                    <>
                      <dt>{word('organ', one.organ)}</dt>
                      <dd>{stages[one.fact] ? t('entry.stage', stages[one.fact]!) : t('entry.notAssessed')}</dd>
                    </>
                  ))}
                </dl>
                <button type="button" onClick={() => setAt(total - 1)}>
                  {t('entry.back')}
                </button>
              </ActionForm>
            )}
          </>
        )
      }}
    </Waiting>
  )
}

function Other({ record, done }: { record: Record; done: (text: string) => void }) {
  const read = useRead(() => get<{ facts: CatalogueFact[] }>('/api/facts'), 'facts')
  const [id, setId] = useState('')
  const [value, setValue] = useState('')
  const [unit, setUnit] = useState('')
  const [method, setMethod] = useState('')
  return (
    <Waiting read={read}>
      {(catalogue) => {
        const fact = catalogue.facts.find((one) => one.id === id)
        return (
          <ActionForm
            button={t('entry.save', fact?.phrase ?? '')}
            disabled={!fact}
            onSend={async () => {
              await record({ fact: id, value, ...(unit ? { unit } : {}), ...(method ? { method } : {}) })
              done(`${fact?.phrase ?? id} ${value}`)
            }}
          >
            <div class="row">
              <Field label={t('entry.fact')}>
                <select
                  required
                  value={id}
                  onChange={(e) => {
                    const chosen = catalogue.facts.find((one) => one.id === e.currentTarget.value)
                    setId(e.currentTarget.value)
                    setUnit(chosen?.unit ?? '')
                    setValue('')
                  }}
                >
                  <option value="" />
                  {catalogue.facts.map((one) => (
                    <option key={one.id} value={one.id}>
                      {one.phrase}
                    </option>
                  ))}
                </select>
              </Field>
              <Field label={t('entry.value')}>
                {fact?.levels?.length ? (
                  <select required value={value} onChange={(e) => setValue(e.currentTarget.value)}>
                    <option value="" />
                    {fact.levels.map((level) => (
                      <option key={level} value={level}>
                        {level}
                      </option>
                    ))}
                  </select>
                ) : fact && fact.type !== 'quantity' ? (
                  <select required value={value} onChange={(e) => setValue(e.currentTarget.value)}>
                    <option value="" />
                    <option value="yes">{t('truth.yes')}</option>
                    <option value="no">{t('truth.no')}</option>
                    {fact.type === 'course' ? <option value="stop">{t('entry.stop')}</option> : null}
                  </select>
                ) : (
                  <input required value={value} onInput={(e) => setValue(e.currentTarget.value)} />
                )}
              </Field>
              {fact?.type === 'quantity' ? (
                <Field label={t('entry.unit')}>
                  <input value={unit} onInput={(e) => setUnit(e.currentTarget.value)} />
                </Field>
              ) : null}
              <Field label={t('entry.method')}>
                <input value={method} onInput={(e) => setMethod(e.currentTarget.value)} />
              </Field>
            </div>
            {fact?.documentation ? <p class="small">{fact.documentation}</p> : null}
          </ActionForm>
        )
      }}
    </Waiting>
  )
}

function Simple({ kind, record, done }: { kind: Kind; record: Record; done: (text: string) => void }) {
  const [fact, setFact] = useState(lineages[0]!)
  const [value, setValue] = useState('')
  const [level, setLevel] = useState('')
  const [method, setMethod] = useState('')
  const [name, setName] = useState('')
  return (
    <ActionForm
      button={t('entry.save', t(`entry.kind.${kind}` as Key))}
      onSend={async () => {
        if (kind === 'chimerism') await record({ fact, value, unit: '%', method })
        if (kind === 'weight') await record({ fact: 'weight', value, unit: 'kg' })
        if (kind === 'judgement') await record({ fact: `judgement ${name}`, value })
        if (kind === 'mrd') {
          await record({ fact: 'mrd', value, method })
          if (level) await record({ fact: 'mrd_level', value: level, unit: '%', method })
        }
        done(`${t(`entry.kind.${kind}` as Key)} ${value}`)
      }}
    >
      <div class="row">
        {kind === 'chimerism' ? (
          <>
            <Field label={t('entry.lineage')}>
              <select value={fact} onChange={(e) => setFact(e.currentTarget.value)}>
                {lineages.map((id) => (
                  <option key={id} value={id}>
                    {word('lineage', id)}
                  </option>
                ))}
              </select>
            </Field>
            <Field label={t('entry.percent')}>
              <input required inputMode="decimal" value={value} onInput={(e) => setValue(e.currentTarget.value)} />
            </Field>
          </>
        ) : null}
        {kind === 'mrd' ? (
          <>
            <Field label={t('entry.mrd.result')}>
              <select required value={value} onChange={(e) => setValue(e.currentTarget.value)}>
                <option value="" />
                {['negative', 'positive', 'indeterminate'].map((one) => (
                  <option key={one} value={one}>
                    {word('mrd', one)}
                  </option>
                ))}
              </select>
            </Field>
            <Field label={t('entry.mrd.level')}>
              <input value={level} placeholder="<0.01" onInput={(e) => setLevel(e.currentTarget.value)} />
            </Field>
          </>
        ) : null}
        {kind === 'weight' ? (
          <Field label={`${t('entry.kind.weight')} (kg)`}>
            <input required inputMode="decimal" value={value} onInput={(e) => setValue(e.currentTarget.value)} />
          </Field>
        ) : null}
        {kind === 'judgement' ? (
          <>
            <Field label={t('entry.judgement.name')}>
              <input required value={name} onInput={(e) => setName(e.currentTarget.value)} />
            </Field>
            <Field label={t('entry.value')}>
              <select required value={value} onChange={(e) => setValue(e.currentTarget.value)}>
                <option value="" />
                <option value="yes">{t('entry.judgement.yes')}</option>
                <option value="no">{t('entry.judgement.no')}</option>
              </select>
            </Field>
          </>
        ) : null}
        {kind === 'mrd' || kind === 'chimerism' ? (
          <Field label={t('entry.method')}>
            <input required value={method} onInput={(e) => setMethod(e.currentTarget.value)} />
          </Field>
        ) : null}
      </div>
    </ActionForm>
  )
}

// The decision after an entry: the hold that it brings is seen at once.
function Then({ patient, turn }: { patient: string; turn: number }) {
  const day = asOf()
  const ids = about.value?.protocols.slice(0, 3).map((one) => one.id) ?? []
  const read = useRead(
    () => get<Decisions>(`/api/patients/${encodeURIComponent(patient)}/decision`, { as_of: day, known_on: about.value?.today, protocol: ids }),
    `${patient}|${day}|${turn}`,
  )
  return (
    <section aria-live="polite">
      <h2>{t('entry.then')}</h2>
      <Waiting read={read}>
        {(decisions) => (
          <ul class="plain">
            {decisions.answers.map(({ decision }) => (
              <li key={decision.protocol.id} style="padding:6px 0">
                <b>{decision.protocol.id}</b> <Badge group="action" name={decision.decision} /> <Powers text={decision.because} />{' '}
                <a href={link(['patients', patient, 'decision'], { protocol: decision.protocol.id })}>{t('entry.hold')}</a>
              </li>
            ))}
          </ul>
        )}
      </Waiting>
    </section>
  )
}

export function EntryScreen({ patient, changed }: { patient: string; changed: () => void }) {
  const [kind, setKind] = useState<Kind>('gvhd')
  const [date, setDate] = useState(asOf())
  const [said, setSaid] = useState('')
  const [turn, setTurn] = useState(0)
  const record: Record = (entry) => post<Recorded>(`/api/patients/${encodeURIComponent(patient)}/entries`, { ...entry, date, why: '' })
  const done = (text: string) => {
    setSaid(text)
    setTurn((n) => n + 1)
    changed()
  }
  return (
    <>
      <h1>{t('entry.title', patient)}</h1>
      <div class="row">
        <Field label={t('entry.kind')}>
          <select value={kind} onChange={(e) => setKind(e.currentTarget.value as Kind)}>
            {kinds.map((one) => (
              <option key={one} value={one}>
                {t(`entry.kind.${one}` as Key)}
              </option>
            ))}
          </select>
        </Field>
        <Field label={t('entry.day')}>
          <input required pattern="\d{4}(-\d\d(-\d\d)?)?" value={date} onInput={(e) => setDate(e.currentTarget.value)} />
        </Field>
      </div>
      {said ? (
        <pre class="text" role="status">
          {t('entry.saved', said)}
        </pre>
      ) : null}
      {kind === 'gvhd' ? (
        <Organs key={turn} record={record} done={done} />
      ) : kind === 'other' ? (
        <Other key={turn} record={record} done={done} />
      ) : (
        <Simple key={`${kind}${turn}`} kind={kind} record={record} done={done} />
      )}
      {turn > 0 ? <Then patient={patient} turn={turn} /> : null}
    </>
  )
}
