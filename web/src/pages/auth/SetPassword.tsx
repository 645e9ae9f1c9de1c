import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'

import { asProblem } from '../../api/problem'
import { completeReset } from '../../api/session'
import { Button, buttonClass } from '../../ui/Button'
import { TextField } from '../../ui/Field'
import { fieldError, Form } from '../../ui/Form'
import { AuthLayout } from './AuthLayout'
import { DoorLinks } from './DoorLinks'

/** Set a password by the link of a mail. It opens no session: that takes the new password. */
export function SetPassword({ token }: { token: string }) {
  const { t } = useTranslation('auth')
  const set = useMutation({ mutationFn: (next: string) => completeReset(token, next) })
  const problem = set.error ? asProblem(set.error) : null
  if (set.isSuccess) {
    return (
      <AuthLayout title={t('reset.done')}>
        <p role="status" className="mb-4 text-soft">
          {t('reset.doneNext')}
        </p>
        <a href="/sign-in" className={buttonClass('primary', 'h-9 w-full')}>
          {t('signIn.action')}
        </a>
      </AuthLayout>
    )
  }
  if (problem?.status === 404) {
    return (
      <AuthLayout title={t('reset.gone')}>
        <p role="status" className="mb-4 text-soft">
          {t('reset.goneNext')}
        </p>
        <a href="/reset" className={buttonClass('primary', 'h-9 w-full')}>
          {t('reset.again')}
        </a>
        <DoorLinks />
      </AuthLayout>
    )
  }
  return (
    <AuthLayout title={t('reset.title')}>
      <Form
        onSubmit={(values) => set.mutate(String(values.get('new')))}
        problem={problem}
        busy={set.isPending}
      >
        <TextField
          name="new"
          type="password"
          label={t('reset.new')}
          hint={t('reset.setHint')}
          autoComplete="new-password"
          required
          error={fieldError(problem, 'new')}
        />
        <Button look="primary" type="submit" className="h-9" busy={set.isPending}>
          {set.isPending ? t('reset.setting') : t('reset.set')}
        </Button>
      </Form>
      <DoorLinks />
    </AuthLayout>
  )
}
