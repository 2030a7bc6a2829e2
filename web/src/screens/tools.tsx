// The calculators of the command line, as forms. Nothing is stored.
import { useState } from 'preact/hooks'
import { get, post } from '../api.ts'
import { ActionForm, Field, Powers, useRead, Waiting } from '../parts/basics.tsx'
import { go, link, route } from '../route.ts'
import { t } from '../text.ts'

interface Calculator {
  name: string
  summary: string
  fields: { name: string; kind: 'text' | 'list' | 'switch'; help?: string }[]
}

function Form({ calculator }: { calculator: Calculator }) {
  const query = route.value.query
  const [values, setValues] = useState<{ [name: string]: string | boolean }>(() =>
    Object.fromEntries(calculator.fields.flatMap((field) => (query.get(field.name) ? [[field.name, query.get(field.name)!]] : []))),
  )
  const [said, setSaid] = useState('')
  return (
    <>
      <p>{calculator.summary}</p>
      <ActionForm
        button={t('tools.run')}
        onSend={async () => {
          const body: { [name: string]: unknown } = {}
          for (const field of calculator.fields) {
            const value = values[field.name]
            if (value === undefined || value === '' || value === false) continue
            body[field.name] =
              field.kind === 'list'
                ? String(value)
                    .split('\n')
                    .map((line) => line.trim())
                    .filter(Boolean)
                : value
          }
          const answer = await post<{ text: string }>(`/api/calculators/${encodeURIComponent(calculator.name)}`, body)
          setSaid(answer.text)
        }}
      >
        <div class="columns" style="grid-template-columns:repeat(auto-fit,minmax(min(100%,280px),1fr));gap:8px 16px">
          {calculator.fields.map((field) =>
            field.kind === 'switch' ? (
              <label key={field.name}>
                <input
                  type="checkbox"
                  checked={values[field.name] === true}
                  onChange={(e) => setValues({ ...values, [field.name]: e.currentTarget.checked })}
                />
                {field.name.replaceAll('_', ' ')}
                <span>{field.help}</span>
              </label>
            ) : (
              <Field key={field.name} label={field.name.replaceAll('_', ' ')} hint={field.help}>
                {field.kind === 'list' ? (
                  <textarea
                    rows={2}
                    value={String(values[field.name] ?? '')}
                    onInput={(e) => setValues({ ...values, [field.name]: e.currentTarget.value })}
                  />
                ) : (
                  <input
                    value={String(values[field.name] ?? '')}
                    onInput={(e) => setValues({ ...values, [field.name]: e.currentTarget.value })}
                  />
                )}
              </Field>
            ),
          )}
        </div>
        <p />
      </ActionForm>
      {said ? (
        <pre class="text" tabIndex={0} aria-live="polite">
          <Powers text={said} />
        </pre>
      ) : null}
      <p class="small">{t('tools.notStored')}</p>
    </>
  )
}

export function Tools({ chosen }: { chosen?: string }) {
  const read = useRead(() => get<Calculator[]>('/api/calculators'), 'calculators')
  return (
    <>
      <h1>{t('tools.title')}</h1>
      <Waiting read={read}>
        {(list) => {
          const calculator = list.find((one) => one.name === chosen) ?? list[0]
          return (
            <>
              <Field label={t('tools.choose')}>
                <select value={calculator?.name} onChange={(e) => go(link(['tools', e.currentTarget.value]))}>
                  {list.map((one) => (
                    <option key={one.name} value={one.name}>
                      {one.name}
                    </option>
                  ))}
                </select>
              </Field>
              {calculator ? <Form key={calculator.name} calculator={calculator} /> : null}
            </>
          )
        }}
      </Waiting>
    </>
  )
}
