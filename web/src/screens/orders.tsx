// Orders: the second person works the figures out without seeing the first ones; then both are shown.
import { useState } from 'preact/hooks'
import { get, may, post, session } from '../api.ts'
import { ActionForm, Field, instant, Powers, useRead, Waiting } from '../parts/basics.tsx'
import { OrderForm, powersOf, targetsOf } from '../parts/order-form.tsx'
import { millilitres } from '../dose.ts'
import { ask, link, route } from '../route.ts'
import { t, word, type Key } from '../text.ts'
import type { Figures, Order, Page, StockPlan } from '../types.ts'

const look = { awaiting_check: 'wait', checked: 'yes', disagreed: 'no', issued: 'yes', cancelled: 'plain' } as const

function State({ order }: { order: Order }) {
  return <span class={`badge ${look[order.state]}`}>{t(`order.state.${order.state}` as Key)}</span>
}

export function OrderLine({ order }: { order: Order }) {
  return (
    <li style="padding:6px 0;border-bottom:1px solid var(--line)">
      <a href={link(['orders', order.id])}>{t('order.title', order.id)}</a> <State order={order} />{' '}
      <a href={link(['patients', order.patient, 'bags'])}>{order.patient}</a>{' '}
      <span class="small">
        {order.protocol}; {t('order.by', order.ordered_by, instant(order.ordered_at))}
        {order.infusion_on ? `; ${t('order.on', order.infusion_on)}` : ''}
      </span>
    </li>
  )
}

export function Orders() {
  const state = route.value.query.get('state') ?? ''
  const read = useRead(() => get<Page<Order>>('/api/orders', { state, limit: 200 }), state)
  return (
    <>
      <h1>{t('order.list')}</h1>
      <div class="row">
        <Field label={t('order.state')}>
          <select value={state} onChange={(e) => ask('state', e.currentTarget.value)}>
            <option value="">{t('stock.anyState')}</option>
            {Object.keys(look).map((one) => (
              <option key={one} value={one}>
                {t(`order.state.${one}` as Key)}
              </option>
            ))}
          </select>
        </Field>
      </div>
      <Waiting read={read}>
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

function Shown({ title, figures }: { title: string; figures: Figures }) {
  return (
    <div class="card">
      <h3 style="margin-top:0">{title}</h3>
      <p class="dose">
        <Powers text={figures.dose} />
      </p>
      <p>
        <Powers text={figures.cells} />, {t('due.for', figures.weight, figures.weighed_on ?? '')}
      </p>
      {figures.ratio ? <p class="small">{t('due.ratio', figures.ratio)}</p> : null}
      {figures.bags.map((draw) => (
        <div key={draw.bag}>
          <b>{millilitres(draw.volume_ml)}</b>, {draw.bag}
        </div>
      ))}
    </div>
  )
}

// The second person's form. Which cells and powers of ten can be chosen comes from the protocol, not from the order.
function IndependentCheck({ order, done }: { order: Order; done: () => void }) {
  const protocol = order.protocol.split(' ')[0] ?? ''
  const asked = { protocol, as_of: order.infusion_on }
  const read = useRead(() => get<StockPlan>(`/api/patients/${encodeURIComponent(order.patient)}/plan`, asked), order.id)
  return (
    <section>
      <h2>{t('order.check')}</h2>
      <p class="small">{t('order.check.explain')}</p>
      <Waiting read={read}>
        {(plan) => {
          const targets = targetsOf(plan.decision)
          return (
            <OrderForm
              kinds={targets.map((target) => target.cells)}
              powers={powersOf(targets)}
              bags={[]}
              button={t('order.check.submit')}
              onSend={async (figures) => {
                await post(`/api/orders/${encodeURIComponent(order.id)}/check`, figures)
                done()
              }}
            />
          )
        }}
      </Waiting>
    </section>
  )
}

export function OrderScreen({ id }: { id: string }) {
  const path = `/api/orders/${encodeURIComponent(id)}`
  const read = useRead(() => get<Order>(path), id)
  const [why, setWhy] = useState('')
  const [password, setPassword] = useState('')
  return (
    <Waiting read={read}>
      {(order) => (
        <>
          <h1>{t('order.title', order.id)}</h1>
          <p>
            <State order={order} /> <a href={link(['patients', order.patient, 'plan'], { protocol: order.protocol.split(' ')[0] })}>{order.patient}</a>,{' '}
            {order.protocol}
            {order.infusion_on ? <>, {t('order.on', order.infusion_on)}</> : null}
          </p>
          <p class="small">
            {t('order.by', order.ordered_by, instant(order.ordered_at))}
            {order.checked_by ? `; ${t('order.checkedBy', order.checked_by, instant(order.checked_at ?? ''))}` : ''}
            {order.why ? `; ${order.why}` : ''}
          </p>
          {order.state === 'awaiting_check' && order.ordered_by === session.value?.account ? (
            <p>{t('order.check.own', order.ordered_by)}</p>
          ) : null}
          {order.hidden ? <p>{t('order.hidden')}</p> : null}
          <div class="columns">
            {order.first ? <Shown title={`${t('order.first')}: ${order.ordered_by}`} figures={order.first} /> : null}
            {order.second ? <Shown title={`${t('order.second')}: ${order.checked_by ?? ''}`} figures={order.second} /> : null}
          </div>
          {order.agreement ? (
            <table class="stack gap">
              <thead>
                <tr>
                  <th scope="col">{t('order.what')}</th>
                  <th scope="col">{t('order.first')}</th>
                  <th scope="col">{t('order.second')}</th>
                  <th scope="col" />
                </tr>
              </thead>
              <tbody>
                {order.agreement.map((one) => (
                  <tr key={one.what}>
                    <td data-label={t('order.what')}>{word('order.what', one.what)}</td>
                    <td data-label={t('order.first')}>
                      <Powers text={one.first} />
                    </td>
                    <td data-label={t('order.second')}>
                      <Powers text={one.second} />
                    </td>
                    <td>
                      <span class={`badge ${one.agrees ? 'yes' : 'no'}`}>{t(one.agrees ? 'order.agrees' : 'order.differs')}</span>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          ) : null}
          {order.may_check && order.state === 'awaiting_check' ? <IndependentCheck order={order} done={read.again} /> : null}
          {order.state === 'checked' && may('move_bags') ? (
            <section class="gap">
              <ActionForm
                isDangerous
                button={t('order.issue', order.patient)}
                onSend={async () => {
                  await post(`${path}/issue`, { at: new Date().toISOString().slice(0, 16), ...(password ? { password } : {}) })
                  setPassword('')
                  read.again()
                }}
              >
                <Field label={t('decision.sign.password')}>
                  <input type="password" autocomplete="current-password" value={password} onInput={(e) => setPassword(e.currentTarget.value)} />
                </Field>
                <p />
              </ActionForm>
            </section>
          ) : null}
          {may('order_dose') && ['awaiting_check', 'checked', 'disagreed'].includes(order.state) ? (
            <details class="gap">
              <summary>{t('order.cancel')}</summary>
              <ActionForm
                isDangerous
                button={t('order.cancel')}
                onSend={async () => {
                  await post(`${path}/cancel`, { why })
                  read.again()
                }}
              >
                <Field label={t('app.reason')}>
                  <input required value={why} onInput={(e) => setWhy(e.currentTarget.value)} />
                </Field>
                <p />
              </ActionForm>
            </details>
          ) : null}
        </>
      )}
    </Waiting>
  )
}
