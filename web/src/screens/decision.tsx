// Why: what each protocol says, criterion by criterion, beside its text; what to find out next; the signature.
import { useState } from 'preact/hooks'
import { about, asOf } from '../about.ts'
import { get, may, post, session } from '../api.ts'
import { ActionForm, Badge, Field, instant, Powers, useRead, Waiting } from '../parts/basics.tsx'
import { ask, route } from '../route.ts'
import { t, word, type Key } from '../text.ts'
import type { Decision, Decisions, Node, Page, Signature, Truth } from '../types.ts'

// Whether an answer is in the patient's way: an exclusion that holds, an inclusion that does not, or the unknown.
function standing(node: Node): 'met' | 'notMet' | 'unknown' {
  if (node.truth === 'unknown') return 'unknown'
  const isMet = node.counts_against ? node.truth === 'no' : node.truth === 'yes'
  return isMet ? 'met' : 'notMet'
}

function Tree({ node, show }: { node: Node; show: (line: number) => void }) {
  return (
    <div>
      <div>
        <TruthWord truth={node.truth} /> {node.sentence}
        {node.reasons.length ? <span class="warn"> ({node.reasons.join(', ')})</span> : null}
        {node.margin ? <span class="small"> {t('decision.margin', node.margin)}</span> : null}
        {node.how ? <div class="small">{node.how}</div> : null}
      </div>
      {node.evidence?.map((evidence, i) => (
        <div class="small" key={i}>
          {evidence.fact}: <b>{evidence.value}</b> {evidence.date}
          {evidence.unusable.length ? <span class="warn"> {evidence.unusable.join(', ')}</span> : null} ({evidence.origin})
        </div>
      ))}
      {node.assumptions?.map((text) => (
        <div class="small" key={text}>
          {t('decision.assumptions')}: {text}
        </div>
      ))}
      {node.missing?.length ? <div class="warn small">{t('due.missing', node.missing.join(', '))}</div> : null}
      {node.children?.length ? (
        <div class="tree">
          {node.children.map((child, i) => (
            <Tree key={i} node={child} show={show} />
          ))}
        </div>
      ) : null}
    </div>
  )
}

function TruthWord({ truth }: { truth: Truth }) {
  return <b class={truth === 'unknown' ? 'warn' : ''}>{t(`truth.${truth}` as Key)}</b>
}

function Criterion({ node, show }: { node: Node; show: (line: number) => void }) {
  const state = standing(node)
  return (
    <details class="criterion" onToggle={(e) => e.currentTarget.open && show(node.span.line)}>
      <summary>
        <b>{node.id}</b>
        <span>
          {node.sentence}
          {node.counts_against ? <span class="small"> ({t('decision.excludes')})</span> : null}
        </span>
        <span>
          <span class={`badge ${state === 'met' ? 'yes' : state === 'notMet' ? 'no' : 'unknown'}`}>
            {t(`truth.${node.truth}` as Key)}
          </span>
        </span>
      </summary>
      <div class="tree">
        {node.children?.map((child, i) => <Tree key={i} node={child} show={show} />)}
        {node.cite ? (
          <div class="small">
            {t('decision.source', `${node.cite.reference ?? node.cite.source}, ${node.cite.locator}`)}
          </div>
        ) : null}
      </div>
    </details>
  )
}

function Measure({ decision }: { decision: Decision }) {
  if (decision.missing.length === 0) return <p>{t('decision.measure.none')}</p>
  const would = (name: string) =>
    decision.would_decide.filter((one) => one.names.includes(name)).map((one) => word('verdict', one.verdict))
  return (
    <ul>
      {decision.missing.map((missing) => (
        <li key={missing.name}>
          <b>{missing.phrase}</b> <span class="warn">({missing.reasons.join(', ')})</span>
          <div class="small">
            {t('decision.neededBy', missing.needed_by.join(', '))}
            {would(missing.name).length ? `; ${t('decision.wouldMake', [...new Set(would(missing.name))].join(', '))}` : ''}
          </div>
        </li>
      ))}
    </ul>
  )
}

function ProtocolText({ text, line }: { text: string; line: number }) {
  return (
    <pre class="text" tabIndex={0} aria-label={t('decision.text')}>
      {text.split('\n').map((content, i) => (
        <span
          key={i}
          class={`line${i + 1 === line ? ' here' : ''}`}
          data-n={i + 1}
          ref={(element) => {
            if (element && i + 1 === line && element.parentElement) {
              element.parentElement.scrollTop = element.offsetTop - element.parentElement.offsetTop - 60
            }
          }}
        >
          {content || ' '}
        </span>
      ))}
    </pre>
  )
}

function Sign({
  patient,
  decision,
  fingerprint,
  hold,
  done,
}: {
  patient: string
  decision: Decision
  fingerprint: string
  hold: Signature | null
  done: () => void
}) {
  const [meaning, setMeaning] = useState('review')
  const [reason, setReason] = useState('')
  const [password, setPassword] = useState('')
  const [lifts, setLifts] = useState(false)
  const who = session.value
  if (!may('sign_decision') || !who) return null
  return (
    <details>
      <summary>{t('decision.sign.title')}</summary>
      <ActionForm
        button={t('decision.sign.button', who.full_name || who.account)}
        isDangerous
        onSend={async () => {
          await post(`/api/patients/${encodeURIComponent(patient)}/signatures`, {
            protocol: decision.protocol.id,
            as_of: decision.as_of,
            known_on: decision.known_on,
            fingerprint,
            meaning,
            ...(reason ? { reason } : {}),
            ...(lifts && hold ? { lifts: hold.id } : {}),
            password,
          })
          setPassword('')
          done()
        }}
      >
        <fieldset>
          <legend>{t('decision.sign.meaning')}</legend>
          {['review', 'approval', 'responsibility', 'hold'].map((one) => (
            <label key={one}>
              <input
                type="radio"
                name={`meaning-${decision.protocol.id}`}
                checked={meaning === one}
                onChange={() => setMeaning(one)}
              />
              {t(`decision.meaning.${one}` as Key)}
            </label>
          ))}
          {hold ? (
            <label>
              <input type="checkbox" checked={lifts} onChange={(e) => setLifts(e.currentTarget.checked)} />
              {t('decision.sign.lift')}
            </label>
          ) : null}
        </fieldset>
        <Field label={t('decision.sign.reason')}>
          <textarea required={meaning === 'hold'} value={reason} onInput={(e) => setReason(e.currentTarget.value)} />
        </Field>
        <Field label={t('decision.sign.password')}>
          <input
            type="password"
            required
            autocomplete="current-password"
            value={password}
            onInput={(e) => setPassword(e.currentTarget.value)}
          />
        </Field>
        <p />
      </ActionForm>
    </details>
  )
}

function Answer({
  patient,
  answer,
  hold,
  done,
}: {
  patient: string
  answer: Decisions['answers'][number]
  hold: Signature | null
  done: () => void
}) {
  const { decision } = answer
  const [line, setLine] = useState(0)
  const [onlyOpen, setOnlyOpen] = useState(false)
  const criteria = onlyOpen ? decision.criteria.filter((node) => standing(node) !== 'met') : decision.criteria
  const next = decision.plan.infusions.find((infusion) => infusion.is_next)
  return (
    <article class="card" aria-label={decision.protocol.id}>
      <h2 style="margin-top:0">
        {decision.protocol.id} <span class="small">{t('protocols.version', decision.protocol.version)}</span>
      </h2>
      {decision.protocol.status === 'draft' ? <p class="small warn">{t('decision.draft')}</p> : null}
      <p>
        <Badge group="action" name={decision.decision} /> <Badge group="verdict" name={decision.verdict} />
      </p>
      <p>
        <Powers text={decision.because} />
        {decision.wait_until ? <> ({t('decision.wait', decision.wait_until)})</> : null}
        {decision.strategy ? <span class="small"> {t('decision.strategy', word('strategy', decision.strategy))}</span> : null}
      </p>
      {decision.decision === 'give' && next?.dose ? (
        <p class="dose">
          <Powers text={next.dose.text} />
        </p>
      ) : null}
      {decision.plan.cautions.map((caution) => (
        <p class="warn" key={caution}>
          {t('due.caution', caution)}
        </p>
      ))}
      <h3>{t('decision.measure')}</h3>
      <Measure decision={decision} />
      <h3>{t('decision.criteria')}</h3>
      <label>
        <input type="checkbox" checked={onlyOpen} onChange={(e) => setOnlyOpen(e.currentTarget.checked)} />
        {t('decision.only')}
      </label>
      {criteria.map((node) => (
        <Criterion key={node.id ?? node.sentence} node={node} show={setLine} />
      ))}
      <h3>{t('decision.strategies')}</h3>
      {decision.strategies.map((strategy) => (
        <details key={strategy.name} class="criterion" open={strategy.name === decision.strategy}>
          <summary style="grid-template-columns:minmax(0,1fr) auto">
            <span>
              <b>{word('strategy', strategy.name)}</b> {strategy.label}
            </span>
            <Badge group="action" name={strategy.action} />
          </summary>
          <div class="tree">
            <div>
              <Powers text={strategy.because} />
            </div>
            {strategy.trigger ? <Tree node={strategy.trigger} show={setLine} /> : null}
            {strategy.rules.map((rule, i) => (
              <div key={i}>
                <span class="small">{word('action', rule.leads_to)}: </span>
                {rule.label}
                {rule.until ? ` (${t('due.until', rule.until)})` : ''}
                <Tree node={rule.condition} show={setLine} />
              </div>
            ))}
          </div>
        </details>
      ))}
      {decision.assumptions.length ? (
        <>
          <h3>{t('decision.assumptions')}</h3>
          <ul>
            {decision.assumptions.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </>
      ) : null}
      {decision.parameters.length ? (
        <>
          <h3>{t('decision.parameters')}</h3>
          <ul>
            {decision.parameters.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </>
      ) : null}
      {answer.protocol_text ? (
        <details open={line > 0}>
          <summary>{t('decision.text')}</summary>
          <ProtocolText text={answer.protocol_text} line={line} />
        </details>
      ) : null}
      <Sign patient={patient} decision={decision} fingerprint={answer.fingerprint} hold={hold} done={done} />
    </article>
  )
}

export function DecisionScreen({
  patient,
  changed,
  hold,
}: {
  patient: string
  changed: () => void
  hold: Signature | null
}) {
  const day = asOf()
  const chosen = (route.value.query.get('protocol') ?? '').split(',').filter(Boolean)
  const path = `/api/patients/${encodeURIComponent(patient)}`
  const read = useRead(
    () => get<Decisions>(`${path}/decision`, { protocol: chosen, as_of: day }),
    `${patient}|${day}|${chosen.join()}`,
  )
  const signed = useRead(() => get<Page<Signature>>(`${path}/signatures`), patient)
  const toggle = (id: string, isOn: boolean) =>
    ask('protocol', (isOn ? [...chosen, id] : chosen.filter((one) => one !== id)).join(','))
  return (
    <>
      <h1>{t('decision.title', patient)}</h1>
      <div class="row">
        <Field label={t('app.asOf')}>
          <input type="date" value={day} onChange={(e) => ask('as_of', e.currentTarget.value)} />
        </Field>
        <fieldset style="margin:0">
          <legend>{t('decision.sideBySide')}</legend>
          {about.value?.protocols.map((protocol) => (
            <label key={protocol.id} style="display:inline-block;margin-right:16px">
              <input
                type="checkbox"
                checked={chosen.includes(protocol.id)}
                onChange={(e) => toggle(protocol.id, e.currentTarget.checked)}
              />
              {protocol.id}
            </label>
          ))}
        </fieldset>
      </div>
      <Waiting read={read}>
        {(decisions) => (
          <div class="columns">
            {decisions.answers.map((answer) => (
              <Answer
                key={answer.decision.protocol.id}
                patient={patient}
                answer={answer}
                hold={decisions.hold ?? hold}
                done={() => {
                  signed.again()
                  read.again()
                  changed()
                }}
              />
            ))}
          </div>
        )}
      </Waiting>
      <h2>{t('decision.signed')}</h2>
      <Waiting read={signed}>
        {(page) =>
          page.items.length === 0 ? (
            <p>{t('app.nothing')}</p>
          ) : (
            <ul class="plain">
              {page.items.map((one) => (
                <li key={one.id} style="padding:4px 0;border-bottom:1px solid var(--line)">
                  {t(
                    'decision.signed.row',
                    instant(one.at),
                    one.full_name || one.who,
                    word('decision.meaning', one.meaning),
                    `${one.protocol}${one.decision ? `: ${word('action', one.decision)}` : ''}`,
                  )}
                  {one.reason ? <div class="small">{one.reason}</div> : null}
                </li>
              ))}
            </ul>
          )
        }
      </Waiting>
    </>
  )
}
