// What every screen is made of.
import { useEffect, useRef, useState } from 'preact/hooks'
import type { ComponentChildren } from 'preact'
import { ApiError } from '../api.ts'
import { raisedDigits } from '../dose.ts'
import { t, word } from '../text.ts'

// "5 × 10⁶ per kg": never broken over two lines, the exponent bold. "1e6", as protocol files write it, is shown so too.
export function Powers({ text }: { text: string }) {
  const parts = text.replace(/\b(\d+(?:\.\d+)?)e(\d+)\b/g, (_, m: string, e: string) => `${Number(m)} × 10${raisedDigits(Number(e))}`).split(/(\d[\d.]* × 10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)/)
  return (
    <>
      {parts.map((part, i) => {
        if (i % 2 === 0) return part
        const at = part.indexOf('10') + 2
        return (
          <span class="power" key={i}>
            {part.slice(0, at)}
            <b>{part.slice(at)}</b>
          </span>
        )
      })}
    </>
  )
}

// The word, a sign and a shape: colour is the fourth way of saying it.
export function Badge({ group, name }: { group: 'truth' | 'action' | 'verdict'; name: string }) {
  const look =
    name === 'eligible' ? 'yes' : name === 'not eligible' ? 'no' : name.replace(' ', '-')
  return <span class={`badge ${look}`}>{word(group, name)}</span>
}

export function Problem({ of }: { of: unknown }) {
  if (!of) return null
  const text =
    of instanceof ApiError
      ? of.status === 0
        ? t('app.offline.never')
        : `${of.field ? `${of.field}: ` : ''}${of.message}`
      : String(of)
  return (
    <p class="field-error" role="alert">
      {text}
    </p>
  )
}

// Reads once per `key`; keeps the old value on the screen while a new one is on its way.
export function useRead<T>(read: () => Promise<T>, key: string): { value: T | null; problem: unknown; again: () => void } {
  const [value, setValue] = useState<T | null>(null)
  const [problem, setProblem] = useState<unknown>(null)
  const [turn, setTurn] = useState(0)
  const asked = useRef(0)
  useEffect(() => {
    const mine = ++asked.current
    read().then(
      (found) => {
        if (mine !== asked.current) return
        setValue(found)
        setProblem(null)
      },
      (why: unknown) => {
        if (mine === asked.current) setProblem(why)
      },
    )
  }, [key, turn])
  return { value, problem, again: () => setTurn((n) => n + 1) }
}

export function Waiting<T>({
  read,
  children,
}: {
  read: { value: T | null; problem: unknown; again: () => void }
  children: (value: T) => ComponentChildren
}) {
  if (read.value === null && read.problem) {
    return (
      <div>
        <Problem of={read.problem} />
        <button type="button" onClick={read.again}>
          {t('app.retry')}
        </button>
      </div>
    )
  }
  if (read.value === null) return <p aria-live="polite">{t('app.loading')}</p>
  return (
    <>
      {read.problem ? <Problem of={read.problem} /> : null}
      {children(read.value)}
    </>
  )
}

export function Field({ label, children, hint }: { label: string; children: ComponentChildren; hint?: string }) {
  return (
    <label>
      <span>{label}</span>
      {children}
      {hint ? <span>{hint}</span> : null}
    </label>
  )
}

// A form whose button says what it does; it waits for the answer and shows what went wrong beside it.
export function ActionForm({
  onSend,
  button,
  children,
  isDangerous = false,
  disabled = false,
  class: look = '',
}: {
  onSend: () => Promise<void>
  button: string
  children?: ComponentChildren
  isDangerous?: boolean
  disabled?: boolean
  class?: string
}) {
  const [problem, setProblem] = useState<unknown>(null)
  const [isSending, setSending] = useState(false)
  return (
    <form
      class={look}
      onSubmit={(event) => {
        event.preventDefault()
        if (isSending) return
        setSending(true)
        setProblem(null)
        onSend()
          .catch((why: unknown) => setProblem(why))
          .finally(() => setSending(false))
      }}
      onKeyDown={(event) => {
        // Irreversible steps want the button itself, not a stray Enter in a field.
        if (isDangerous && event.key === 'Enter' && (event.target as HTMLElement).tagName === 'INPUT') event.preventDefault()
      }}
    >
      {children}
      <div>
        <button type="submit" class={isDangerous ? 'danger' : 'main'} disabled={isSending || disabled}>
          {button}
        </button>
      </div>
      <Problem of={problem} />
    </form>
  )
}

export function instant(text: string): string {
  return text.replace('T', ' ').replace(/(:\d\d)(\.\d+)?Z$/, ' UTC').replace(/^(\d{4}-\d\d-\d\d \d\d:\d\d):\d\d UTC$/, '$1 UTC')
}
