import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { deploymentQuery } from '../../api/deployment'
import { asProblem } from '../../api/problem'
import { isChallenge, signIn } from '../../api/session'
import type { DemoAccount } from '../../api/types'
import { safeNext } from '../../app/nextUrl'
import { Button } from '../../ui/Button'
import { TextField } from '../../ui/Field'
import { Form } from '../../ui/Form'
import { AuthLayout } from './AuthLayout'
import { DemoAccounts } from './DemoAccounts'
import { MailboxLink } from './DoorLinks'
import { SecondFactorForm } from './SecondFactorForm'

const nextInUrl = () => new URLSearchParams(window.location.search).get('next') ?? undefined
const goInside = () => window.location.assign(safeNext(nextInUrl()))

interface Credentials {
  email: string
  password: string
}

export function SignInPage() {
  const { t } = useTranslation('auth')
  const deployment = useQuery(deploymentQuery).data
  const demo = deployment?.demo ?? []
  const [typed, setTyped] = useState<Credentials>({ email: '', password: '' })
  const enter = useMutation({
    mutationFn: ({ email, password }: Credentials) => signIn(email.trim(), password),
    onSuccess: (answer) => {
      if (!isChallenge(answer)) goInside()
    },
  })
  const problem = enter.error ? asProblem(enter.error) : null
  const fill = ({ email, password }: DemoAccount) => setTyped({ email, password })
  const begin = () => {
    enter.reset()
    setTyped({ ...typed, password: '' })
  }

  if (enter.data && isChallenge(enter.data)) {
    return (
      <AuthLayout title={t('factor.title')}>
        <SecondFactorForm challenge={enter.data} onEntered={goInside} onAgain={begin} />
      </AuthLayout>
    )
  }
  return (
    <AuthLayout title={t('signIn.title')}>
      <Form onSubmit={() => enter.mutate(typed)} problem={problem} busy={enter.isPending}>
        <TextField
          name="email"
          type="email"
          label={t('email')}
          autoComplete="username"
          required
          value={typed.email}
          onChange={(event) => setTyped({ ...typed, email: event.target.value })}
        />
        <TextField
          name="password"
          type="password"
          label={t('password')}
          autoComplete="current-password"
          required
          value={typed.password}
          onChange={(event) => setTyped({ ...typed, password: event.target.value })}
        />
        <Button look="primary" type="submit" className="h-9" busy={enter.isPending}>
          {enter.isPending ? t('signIn.busy') : t('signIn.action')}
        </Button>
      </Form>
      {deployment?.mail && (
        <p className="mt-4 flex flex-wrap justify-between gap-x-4">
          <a href="/reset" className="text-sm text-accent hover:underline">
            {t('reset.forgot')}
          </a>
          <MailboxLink />
        </p>
      )}
      {demo.length > 0 && <DemoAccounts accounts={demo} onPick={fill} />}
    </AuthLayout>
  )
}
