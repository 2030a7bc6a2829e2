// Which bag, how many millilitres, and the order: the first person's half of the double check.
import { useState } from 'preact/hooks'
import { asOf } from '../about.ts'
import { get, may, post } from '../api.ts'
import { inWords, power } from '../dose.ts'
import { Badge, Field, Powers, useRead, Waiting } from '../parts/basics.tsx'
import { OrderForm, powersOf, targetsOf } from '../parts/order-form.tsx'
import { go, link, route } from '../route.ts'
import { t, word } from '../text.ts'
import type { Decisions, Finding, Order, Page, Proposals, StockPlan } from '../types.ts'
import { OrderLine } from './orders.tsx'
import { ProtocolChoice, useProtocol } from './plan.tsx'

export function Findings({ findings }: { findings: Finding[] }) {
  return (
    <ul>
      {findings.map((finding, i) => (
        <li key={i} class={finding.form === 'limit' ? 'bad' : finding.form === 'met' ? '' : 'warn'}>
          <Powers text={finding.text} />
          {finding.source ? <span class="small"> ({finding.source})</span> : null}
        </li>
      ))}
    </ul>
  )
}

function Choice({ bags }: { bags: Proposals }) {
  return (
    <>
      {bags.proposals.length === 0 ? <p class="warn">{t('bags.none', bags.gap)}</p> : null}
      <div class="columns">
        {bags.proposals.map((proposal, i) => (
          <div class="card" key={i}>
            <h3 style="margin-top:0">{t('bags.proposed', i + 1)}</h3>
            {proposal.draws.map((draw) => (
              <div key={draw.bag}>
                <b>{t('bags.draw', Number(Number(draw.volume_ml).toFixed(2)), draw.bag, draw.of_ml)}</b>
              </div>
            ))}
            {proposal.delivers.map((delivered) => (
              <div key={delivered.kind} class="small">
                <Powers text={power(delivered.cells)} /> {word('dose', delivered.kind)} ({inWords(delivered.cells)})
                {delivered.per_kg ? (
                  <>
                    {'; '}
                    <Powers text={power(delivered.per_kg)} /> {t('bags.perKg')}
                  </>
                ) : null}
              </div>
            ))}
            <ul>
              {proposal.reasons.map((reason) => (
                <li key={reason}>
                  <Powers text={reason} />
                </li>
              ))}
            </ul>
            <Findings findings={proposal.findings} />
          </div>
        ))}
      </div>
      <Findings findings={bags.findings} />
      {bags.not_proposed.length ? (
        <details>
          <summary>
            {t('bags.not')} ({bags.not_proposed.length})
          </summary>
          <ul>
            {bags.not_proposed.map((one) => (
              <li key={one.bag}>
                <b>{one.bag}</b>: {one.reasons.join('; ')}
              </li>
            ))}
          </ul>
        </details>
      ) : null}
    </>
  )
}

function NewOrder({ patient, plan, done }: { patient: string; plan: StockPlan; done: (order: Order) => void }) {
  const [on, setOn] = useState(plan.decision.as_of)
  const decision = plan.decision
  const decided = useRead(
    () =>
      get<Decisions>(`/api/patients/${encodeURIComponent(patient)}/decision`, {
        protocol: decision.protocol.id,
        as_of: decision.as_of,
      }),
    `${patient}|${decision.protocol.id}|${decision.as_of}`,
  )
  const next = decision.plan.infusions.find((infusion) => infusion.is_next)
  if (decision.decision !== 'give' || !next?.dose) {
    return <p class="warn">{t('bags.order.give', decision.protocol.id, word('action', decision.decision))}</p>
  }
  const targets = targetsOf(decision)
  const stock = plan.infusions[0]?.bags
  return (
    <>
      <p class="small">{t('bags.order.explain')}</p>
      <OrderForm
        kinds={targets.map((target) => target.cells)}
        powers={powersOf(targets)}
        bags={stock?.proposals.flatMap((proposal) => proposal.draws.map((draw) => draw.bag)) ?? []}
        button={t('bags.submit', next.dose.text, patient)}
        extra={
          <div class="row">
            <Field label={t('bags.on')}>
              <input type="date" value={on} onChange={(e) => setOn(e.currentTarget.value)} />
            </Field>
          </div>
        }
        onSend={async (figures) => {
          const order = await post<Order>(`/api/patients/${encodeURIComponent(patient)}/orders`, {
            protocol: decision.protocol.id,
            as_of: decision.as_of,
            ...(decision.strategy ? { strategy: decision.strategy } : {}),
            infusion_on: on,
            ...figures,
            ...(decided.value?.answers[0] ? { fingerprint: decided.value.answers[0].fingerprint } : {}),
          })
          done(order)
        }}
      />
    </>
  )
}

export function BagsScreen({ patient }: { patient: string }) {
  const day = asOf()
  const [protocol] = useProtocol()
  const path = `/api/patients/${encodeURIComponent(patient)}`
  const read = useRead(() => get<StockPlan>(`${path}/plan`, { protocol, as_of: day }), `${patient}|${protocol}|${day}`)
  const orders = useRead(() => get<Page<Order>>(`${path}/orders`), patient)
  return (
    <>
      <h1>{t('bags.title', patient)}</h1>
      <div class="row">
        <ProtocolChoice />
      </div>
      <Waiting read={read}>
        {(plan) => {
          const next = plan.decision.plan.infusions.find((infusion) => infusion.is_next)
          const bags = plan.infusions.find((one) => one.number === next?.number)?.bags ?? plan.infusions[0]?.bags
          return (
            <>
              <p>
                <Badge group="action" name={plan.decision.decision} />{' '}
                <b>
                  <Powers text={plan.headline || plan.decision.because} />
                </b>
              </p>
              <h2>{t('bags.proposals')}</h2>
              {bags ? <Choice bags={bags} /> : <p>{t('app.nothing')}</p>}
              {may('order_dose') ? (
                <>
                  <h2>{t('bags.order')}</h2>
                  <NewOrder
                    key={`${plan.decision.protocol.id} ${plan.decision.as_of}`}
                    patient={patient}
                    plan={plan}
                    done={(order) => go(link(['orders', order.id]))}
                  />
                </>
              ) : null}
              {may('calculate') ? (
                <p>
                  <a href={link(['tools', 'split'], { patient, protocol, as_of: route.value.query.get('as_of') ?? undefined })}>
                    {t('bags.split')}
                  </a>
                  : {t('bags.split.explain')}
                </p>
              ) : null}
            </>
          )
        }}
      </Waiting>
      <h2>{t('bags.orders')}</h2>
      <Waiting read={orders}>
        {(page) => (
          <>
            {page.items.length === 0 ? <p>{t('app.nothing')}</p> : null}
            <ul class="plain">
              {page.items.map((order) => (
                <OrderLine key={order.id} order={order} />
              ))}
            </ul>
          </>
        )}
      </Waiting>
    </>
  )
}

