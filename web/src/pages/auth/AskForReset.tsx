import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'

import { asProblem } from '../../api/problem'
import { requestReset } from '../../api/session'
import { Button } from '../../ui/Button'
import { TextField } from '../../ui/Field'
import { fieldError, Form } from '../../ui/Form'
import { AuthLayout } from './AuthLayout'
import { DoorLinks } from './DoorLinks'

/** Ask for a mail. What is said then is the same for an address that nobody has. */
export function AskForReset() {
  const { t } = useTranslation('auth')
  const ask = useMutation({ mutationFn: requestReset })
  const problem = ask.error ? asProblem(ask.error) : null
  if (ask.isSuccess) {
    return (
      <AuthLayout title={t('reset.sent')}>
        <p role="status" className="text-soft">
          {t('reset.sentNext', { email: ask.variables })}
        </p>
        <Button className="mt-4" onClick={ask.reset}>
          {t('reset.other')}
        </Button>
        <DoorLinks />
      </AuthLayout>
    )
  }
  return (
    <AuthLayout title={t('reset.title')}>
      <Form
        onSubmit={(values) => ask.mutate(String(values.get('email')).trim())}
        problem={problem}
        busy={ask.isPending}
      >
        <p className="text-soft">{t('reset.ask')}</p>
        <TextField
          name="email"
          type="email"
          label={t('email')}
          autoComplete="username"
          required
          error={fieldError(problem, 'email')}
        />
        <Button look="primary" type="submit" className="h-9" busy={ask.isPending}>
          {ask.isPending ? t('reset.sending') : t('reset.send')}
        </Button>
      </Form>
      <DoorLinks />
    </AuthLayout>
  )
}
