// The stock: bags, their states, where the cells are; one bag with its history and next states.
import { useState } from 'preact/hooks'
import { get, may, post, upload } from '../api.ts'
import { ActionForm, Field, Powers, Problem, useRead, Waiting } from '../parts/basics.tsx'
import { ask, link, route } from '../route.ts'
import { t } from '../text.ts'
import type { Bag, Stock } from '../types.ts'

const states = [
  'planned',
  'collected',
  'frozen',
  'quarantined',
  'released',
  'reserved',
  'issued',
  'thawed',
  'infused',
  'discarded',
  'expired',
]

// The donation number as on the label: in groups, the last four digits larger, the check character in a box.
function Din({ bag }: { bag: Bag }) {
  const groups = bag.din_groups ?? []
  if (groups.length === 0) return null
  const text = groups.join(' ')
  return (
    <span class="din">
      {text.slice(0, -4)}
      <span class="last">{text.slice(-4)}</span>
      {bag.check_character ? <span class="check">{bag.check_character}</span> : null}
    </span>
  )
}

function Move({ bag, to, done }: { bag: Bag; to: NonNullable<Bag['next_states']>[number]; done: () => void }) {
  const [reason, setReason] = useState('')
  const [second, setSecond] = useState('')
  const [secondPassword, setSecondPassword] = useState('')
  const [recipient, setRecipient] = useState(bag.recipient ?? '')
  const [ml, setMl] = useState('')
  return (
    <ActionForm
      isDangerous
      button={t('stock.move.to', bag.id, to.state)}
      onSend={async () => {
        await post(`/api/stock/${encodeURIComponent(bag.id)}/moves`, {
          to: to.state,
          at: new Date().toISOString().slice(0, 16),
          ...(reason ? { reason } : {}),
          ...(to.state === 'reserved' && recipient ? { recipient } : {}),
          ...(to.needs_second_person ? { second_account: second, second_password: secondPassword } : {}),
          ...(to.state === 'infused' && ml ? { infused_ml: ml } : {}),
        })
        done()
      }}
    >
      <div class="row">
        {to.state === 'reserved' ? (
          <Field label={t('stock.recipient')}>
            <input required value={recipient} onInput={(e) => setRecipient(e.currentTarget.value)} />
          </Field>
        ) : null}
        {to.needs_reason ? (
          <Field label={t('app.reason')}>
            <input required value={reason} onInput={(e) => setReason(e.currentTarget.value)} />
          </Field>
        ) : null}
        {to.needs_second_person ? (
          <>
            <Field label={t('stock.second')}>
              <input required autocomplete="off" value={second} onInput={(e) => setSecond(e.currentTarget.value)} />
            </Field>
            <Field label={t('stock.secondPassword')}>
              <input type="password" required autocomplete="off" value={secondPassword} onInput={(e) => setSecondPassword(e.currentTarget.value)} />
            </Field>
          </>
        ) : null}
        {to.state === 'infused' ? (
          <Field label={t('stock.infusedMl')}>
            <input value={ml} inputMode="decimal" onInput={(e) => setMl(e.currentTarget.value)} />
          </Field>
        ) : null}
      </div>
    </ActionForm>
  )
}

function OneBag({ id, done }: { id: string; done: () => void }) {
  const read = useRead(() => get<Bag>(`/api/stock/${encodeURIComponent(id)}`), id)
  const [to, setTo] = useState('')
  return (
    <section class="detail" aria-label={id}>
      <Waiting read={read}>
        {(bag) => {
          const next = bag.next_states?.find((one) => one.state === to)
          return (
            <>
              <h2 style="margin-top:0">
                {bag.id} <span class="badge plain">{bag.state}</span>
              </h2>
              <p>
                <Din bag={bag} />
              </p>
              {bag.obstacles?.length ? <p class="warn">{t('stock.obstacles', bag.obstacles.join('; '))}</p> : null}
              <dl class="pairs">
                {Object.entries(bag.fields)
                  .filter(([name, value]) => value && !['history', 'bag', 'state'].includes(name))
                  .map(([name, value]) => (
                    <>
                      <dt>{name.replaceAll('_', ' ')}</dt>
                      <dd>{value}</dd>
                    </>
                  ))}
              </dl>
              <h3>{t('stock.history')}</h3>
              <ul>
                {bag.history?.map((line, i) => (
                  <li key={i}>{line}</li>
                ))}
              </ul>
              {may('move_bags') && bag.next_states?.length ? (
                <>
                  <Field label={t('stock.move')}>
                    <select value={to} onChange={(e) => setTo(e.currentTarget.value)}>
                      <option value="" />
                      {bag.next_states.map((one) => (
                        <option key={one.state} value={one.state}>
                          {one.state}
                        </option>
                      ))}
                    </select>
                  </Field>
                  {next ? (
                    <Move
                      key={next.state}
                      bag={bag}
                      to={next}
                      done={() => {
                        setTo('')
                        read.again()
                        done()
                      }}
                    />
                  ) : null}
                </>
              ) : null}
              <p>
                <a href={link(['stock'])}>{t('app.close')}</a>
              </p>
            </>
          )
        }}
      </Waiting>
    </section>
  )
}

export function StockScreen({ chosen }: { chosen?: string }) {
  const query = route.value.query
  const state = query.get('state') ?? ''
  const recipient = query.get('recipient') ?? ''
  const read = useRead(() => get<Stock>('/api/stock', { state, recipient, limit: 500 }), `${state}|${recipient}`)
  const [said, setSaid] = useState('')
  const [problem, setProblem] = useState<unknown>(null)
  return (
    <>
      <h1>{t('stock.title')}</h1>
      {chosen ? <OneBag key={chosen} id={chosen} done={read.again} /> : null}
      <form class="row" onSubmit={(e) => e.preventDefault()}>
        <Field label={t('stock.recipient')}>
          <input type="search" value={recipient} onChange={(e) => ask('recipient', e.currentTarget.value)} />
        </Field>
        <Field label={t('stock.state')}>
          <select value={state} onChange={(e) => ask('state', e.currentTarget.value)}>
            <option value="">{t('stock.anyState')}</option>
            {states.map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
        </Field>
        {may('write_stock') ? (
          <Field label={t('stock.upload')}>
            <input
              type="file"
              accept=".csv,text/csv"
              onChange={(e) => {
                const file = e.currentTarget.files?.[0]
                if (!file) return
                setProblem(null)
                upload<{ added: number; unchanged: number; problems: { text: string }[] }>('/api/stock', file, 'text/csv').then(
                  (answer) => {
                    setSaid(t('stock.added', answer.added, answer.unchanged))
                    read.again()
                  },
                  setProblem,
                )
              }}
            />
          </Field>
        ) : null}
      </form>
      {said ? <p role="status">{said}</p> : null}
      <Problem of={problem} />
      <Waiting read={read}>
        {(stock) => (
          <>
            {stock.problems.length ? (
              <>
                <h2>{t('stock.problems')}</h2>
                <ul>
                  {stock.problems.map((one, i) => (
                    <li key={i} class="bad">
                      {one.bag ? <b>{one.bag}: </b> : null}
                      {one.text}
                    </li>
                  ))}
                </ul>
              </>
            ) : null}
            <p class="small">
              {t('stock.account')}:{' '}
              {Object.entries(stock.account).map(([where, cells], i) => (
                <span key={where}>
                  {i ? '; ' : ''}
                  {where.replaceAll('_', ' ')} <Powers text={String(cells)} />
                </span>
              ))}
            </p>
            {stock.items.length === 0 ? <p>{t('app.nothing')}</p> : null}
            <table class="stack">
              <thead>
                <tr>
                  <th scope="col">{t('stock.bag')}</th>
                  <th scope="col">{t('stock.state')}</th>
                  <th scope="col">{t('stock.recipient')}</th>
                  <th scope="col">{t('stock.contents')}</th>
                  <th scope="col">{t('stock.expires')}</th>
                  <th scope="col">{t('stock.location')}</th>
                </tr>
              </thead>
              <tbody>
                {stock.items.map((bag) => (
                  <tr key={bag.id}>
                    <td data-label={t('stock.bag')}>
                      <a href={link(['stock', bag.id], { state, recipient })}>
                        <b>{bag.id}</b>
                      </a>
                    </td>
                    <td data-label={t('stock.state')}>
                      <span class="badge plain">{bag.state}</span>
                      {bag.fields.reason ? <div class="small">{bag.fields.reason}</div> : null}
                    </td>
                    <td data-label={t('stock.recipient')}>
                      {bag.recipient ? <a href={link(['patients', bag.recipient, 'bags'])}>{bag.recipient}</a> : null}
                    </td>
                    <td data-label={t('stock.contents')}>
                      {bag.fields.volume_ml ? `${bag.fields.volume_ml} mL` : ''}{' '}
                      {bag.fields.planned_dose ? <Powers text={bag.fields.planned_dose} /> : null}
                    </td>
                    <td data-label={t('stock.expires')}>{bag.fields.expires ?? ''}</td>
                    <td data-label={t('stock.location')}>{bag.fields.location ?? ''}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </>
        )}
      </Waiting>
    </>
  )
}
