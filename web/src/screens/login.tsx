import { useState } from 'preact/hooks'
import { post, session } from '../api.ts'
import { ActionForm, Field } from '../parts/basics.tsx'
import { t } from '../text.ts'
import type { Session } from '../types.ts'

export function Login() {
  const [account, setAccount] = useState('')
  const [password, setPassword] = useState('')
  return (
    <div style="max-width:420px;margin:32px auto">
      <h1>{t('login.title')}</h1>
      <ActionForm
        button={t('login.button')}
        onSend={async () => {
          session.value = await post<Session>('/api/session', { account, password })
        }}
      >
        <Field label={t('login.account')}>
          <input autocomplete="username" required value={account} onInput={(e) => setAccount(e.currentTarget.value)} />
        </Field>
        <Field label={t('app.password')}>
          <input
            type="password"
            autocomplete="current-password"
            required
            value={password}
            onInput={(e) => setPassword(e.currentTarget.value)}
          />
        </Field>
        <p />
      </ActionForm>
      <p class="small">{t('login.first')}</p>
    </div>
  )
}
