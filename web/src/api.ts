// Requests to the server. Reads are kept while the server does not answer, and said to be old.

import { signal } from '@preact/signals'
import type { Session } from './types.ts'

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly kind: string,
    message: string,
    readonly field?: string,
  ) {
    super(message)
  }
}

export const session = signal<Session | null>(null)
// The time of the last answer, when the server has stopped answering since.
export const lastAnswer = signal<Date | null>(null)
export const isOffline = signal(false)

const kept = new Map<string, unknown>()

type Query = Record<string, string | string[] | number | null | undefined>

export function address(path: string, query: Query = {}): string {
  const parts = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null || value === '') continue
    for (const one of Array.isArray(value) ? value : [value]) parts.append(name, String(one))
  }
  const text = parts.toString()
  return text ? `${path}?${text}` : path
}

async function send(method: string, url: string, body?: BodyInit, type?: string, more: Record<string, string> = {}) {
  const headers: Record<string, string> = { Accept: 'application/json', ...more }
  if (type) headers['Content-Type'] = type
  if (method !== 'GET' && session.value) headers['X-CSRF-Token'] = session.value.csrf
  let answer: Response
  try {
    answer = await fetch(url, { method, headers, body, credentials: 'same-origin' })
  } catch {
    isOffline.value = true
    throw new ApiError(0, 'unavailable', '')
  }
  isOffline.value = false
  lastAnswer.value = new Date()
  if (answer.ok) return answer
  let kind = 'bug'
  let message = answer.statusText
  let field: string | undefined
  try {
    const said = (await answer.json()) as { error?: { kind: string; message: string; field?: string } }
    if (said.error) ({ kind, message, field } = said.error)
  } catch {
    // not one of ours: a proxy in between
  }
  if (answer.status === 401 && url !== '/api/session') session.value = null
  throw new ApiError(answer.status, kind, message, field)
}

export async function get<T>(path: string, query: Query = {}): Promise<T> {
  const url = address(path, query)
  try {
    const value = (await (await send('GET', url)).json()) as T
    kept.set(url, value)
    return value
  } catch (problem) {
    if (problem instanceof ApiError && problem.status === 0 && kept.has(url)) return kept.get(url) as T
    throw problem
  }
}

const asJson = 'application/json'

// A write that stores something: the key makes a repeated press the same press.
export async function post<T>(path: string, body: unknown = {}, key: string = crypto.randomUUID()): Promise<T> {
  const answer = await send('POST', path, JSON.stringify(body), asJson, { 'Idempotency-Key': key })
  return (answer.status === 204 ? undefined : await answer.json()) as T
}

export async function upload<T>(path: string, file: Blob, type: string): Promise<T> {
  const answer = await send('POST', path, file, type, { 'Idempotency-Key': crypto.randomUUID() })
  return (await answer.json()) as T
}

export async function patch<T>(path: string, version: number, body: unknown): Promise<T> {
  const answer = await send('PATCH', path, JSON.stringify(body), asJson, { 'If-Match': `"${version}"` })
  return (await answer.json()) as T
}

export async function remove(path: string): Promise<void> {
  await send('DELETE', path)
}

export function may(task: string): boolean {
  return session.value?.tasks.includes(task) ?? false
}

export function forget(): void {
  kept.clear()
  session.value = null
}
