// Cells as people may read them without mistaking them: no E notation, no trailing zero, a leading zero, figures cut
// to what is meant, and both ways.
import { t } from './text.ts'

const raised = '⁰¹²³⁴⁵⁶⁷⁸⁹'

function plain(value: number, figures: number): string {
  const rounded = Number(value.toPrecision(figures))
  return rounded.toLocaleString('en-US', { maximumFractionDigits: 12, useGrouping: true })
}

// 340000000 -> "3.4 × 10⁸"
export function power(cells: string | number, figures = 3): string {
  const value = Number(cells)
  if (!(value > 0)) return '0'
  const [mantissa, exponent] = value.toExponential(figures - 1).split('e') as [string, string]
  const digits = [...String(Number(exponent))].map((d) => (d === '-' ? '⁻' : raised[Number(d)])).join('')
  return `${Number(mantissa)} × 10${digits}`
}

// 340000000 -> "340 million"; below a million the digits in groups.
export function inWords(cells: string | number, figures = 4): string {
  const value = Number(cells)
  if (value >= 1e9) return t('dose.billion', plain(value / 1e9, figures))
  if (value >= 1e6) return t('dose.million', plain(value / 1e6, figures))
  return plain(value, figures)
}

export function bothWays(cells: string | number): string {
  return `${power(cells)} (${inWords(cells)})`
}

// "340,000,000", "340 million", "1.74 billion" -> "340000000"; null for what could be misread ("1e7", "1x107", "034").
export function parseCells(text: string): string | null {
  const written = text.trim().toLowerCase()
  const match = /^(\d{1,3}(?:,\d{3})+|[1-9]\d*|0)(?:\.(\d+))?\s*(million|billion|百万|十亿)?$/.exec(written)
  if (!match) return null
  const [, whole = '0', fraction = '', unit] = match
  const zeros = unit === 'million' || unit === '百万' ? 6 : unit === 'billion' || unit === '十亿' ? 9 : 0
  if (fraction.length > zeros) return null
  return BigInt(whole.replaceAll(',', '') + fraction.padEnd(zeros, '0')).toString()
}

// A mantissa as a dose has it: "5", "3.16"; no exponent, no trailing zero, at most three figures.
export function isMantissa(text: string): boolean {
  return /^[1-9](\.\d?[1-9])?$/.test(text.trim())
}

// The powers of ten between two doses, for the chooser.
export function exponents(low: string, high: string): number[] {
  const first = Math.floor(Math.log10(Number(low)) + 1e-9)
  const last = Math.floor(Math.log10(Number(high)) + 1e-9)
  return Array.from({ length: last - first + 1 }, (_, i) => first + i)
}

export function raisedDigits(exponent: number): string {
  return [...String(exponent)].map((d) => raised[Number(d)]).join('')
}

// mL to what a syringe shows: two decimals, three below 1; no trailing zero.
export function millilitres(volume: string | number): string {
  const value = Number(volume)
  return `${Number(value.toFixed(value < 1 ? 3 : 2))} mL`
}
