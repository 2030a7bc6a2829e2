// The figures of a dose order, as one person works them out. The second person gets the same form, empty.
import { useState } from 'preact/hooks'
import { bothWays, exponents, isMantissa, parseCells, raisedDigits } from '../dose.ts'
import { t, word } from '../text.ts'
import type { Decision, Dose } from '../types.ts'
import { ActionForm, Field, Powers } from './basics.tsx'

type Target = Dose['targets'][number]

// What the protocol offers for the next infusion: its kinds of cells, and the powers of ten of its doses.
export function targetsOf(decision: Decision): Target[] {
  const next = decision.plan.infusions.find((infusion) => infusion.is_next)
  return next?.dose?.targets.filter((target) => target.low !== null && target.high !== null) ?? []
}
export function powersOf(targets: Target[]): number[] {
  return [...new Set(targets.flatMap((target) => exponents(target.low!, target.high!)))].sort((a, b) => a - b)
}

export interface WrittenFigures {
  dose: { mantissa: string; exponent: number; kind: string; per: string }
  weight: string
  cells: string
  bags: { bag: string; volume_ml: string }[]
}

export function OrderForm({
  kinds,
  powers,
  bags,
  button,
  extra,
  onSend,
}: {
  kinds: string[]
  powers: number[]
  bags: string[]
  button: string
  extra?: preact.ComponentChildren
  onSend: (figures: WrittenFigures) => Promise<void>
}) {
  const [mantissa, setMantissa] = useState('')
  const [exponent, setExponent] = useState(String(powers[0] ?? ''))
  const [kind, setKind] = useState(kinds[0] ?? 'CD3')
  const [weight, setWeight] = useState('')
  const [cells, setCells] = useState('')
  const [draws, setDraws] = useState([{ bag: '', volume_ml: '' }])
  const counted = cells ? parseCells(cells) : null
  const isBadDose = mantissa !== '' && !isMantissa(mantissa)
  const isBadCells = cells !== '' && counted === null
  const change = (i: number, part: Partial<{ bag: string; volume_ml: string }>) =>
    setDraws(draws.map((draw, at) => (at === i ? { ...draw, ...part } : draw)))
  return (
    <ActionForm
      button={button}
      isDangerous
      disabled={isBadDose || isBadCells}
      onSend={async () => {
        if (!isMantissa(mantissa) || counted === null) throw new Error(t('dose.badNumber'))
        await onSend({
          dose: { mantissa: mantissa.trim(), exponent: Number(exponent), kind, per: 'kg' },
          weight: `${weight.trim()} kg`,
          cells: counted,
          bags: draws.filter((draw) => draw.bag).map((draw) => ({ bag: draw.bag, volume_ml: draw.volume_ml.trim() })),
        })
      }}
    >
      <div class="row">
        <Field label={t('bags.mantissa')}>
          <input
            required
            size={6}
            inputMode="decimal"
            value={mantissa}
            aria-invalid={isBadDose}
            onInput={(e) => setMantissa(e.currentTarget.value)}
          />
        </Field>
        <Field label={t('bags.exponent')}>
          <select value={exponent} onChange={(e) => setExponent(e.currentTarget.value)}>
            {powers.map((power) => (
              <option key={power} value={power}>
                × 10{raisedDigits(power)}
              </option>
            ))}
          </select>
        </Field>
        <Field label={t('bags.kind')}>
          <select value={kind} onChange={(e) => setKind(e.currentTarget.value)}>
            {kinds.map((one) => (
              <option key={one} value={one}>
                {word('dose', one)}
              </option>
            ))}
          </select>
        </Field>
        <span>{t('bags.perKg')}</span>
      </div>
      {isBadDose ? <p class="field-error">{t('dose.badNumber')}</p> : null}
      <div class="row">
        <Field label={t('bags.weight')}>
          <input required size={8} inputMode="decimal" pattern="\d+(\.\d*[1-9])?" value={weight} onInput={(e) => setWeight(e.currentTarget.value)} />
        </Field>
        <Field label={`${t('bags.cells')} (${t('bags.cells.help')})`}>
          <input required size={22} value={cells} aria-invalid={isBadCells} onInput={(e) => setCells(e.currentTarget.value)} />
        </Field>
        {counted ? (
          <span>
            <Powers text={bothWays(counted)} />
          </span>
        ) : null}
      </div>
      {isBadCells ? <p class="field-error">{t('dose.badNumber')}</p> : null}
      {draws.map((draw, i) => (
        <div class="row" key={i}>
          <Field label={t('bags.bag')}>
            <input required list="bags-known" value={draw.bag} onInput={(e) => change(i, { bag: e.currentTarget.value })} />
          </Field>
          <Field label={t('bags.volume')}>
            <input
              required
              size={8}
              inputMode="decimal"
              pattern="\d+(\.\d+)?"
              value={draw.volume_ml}
              onInput={(e) => change(i, { volume_ml: e.currentTarget.value })}
            />
          </Field>
          {i === draws.length - 1 ? (
            <button type="button" onClick={() => setDraws([...draws, { bag: '', volume_ml: '' }])}>
              + {t('bags.bag')}
            </button>
          ) : null}
        </div>
      ))}
      <datalist id="bags-known">
        {bags.map((bag) => (
          <option key={bag} value={bag} />
        ))}
      </datalist>
      {extra}
    </ActionForm>
  )
}
