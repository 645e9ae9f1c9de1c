import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'

import { acceptInvite } from '../../api/invites'
import { asProblem } from '../../api/problem'
import { isChallenge } from '../../api/session'
import type { InviteLookup } from '../../api/types'
import { Button } from '../../ui/Button'
import { TextField } from '../../ui/Field'
import { fieldError, Form } from '../../ui/Form'
import { SecondFactorForm } from './SecondFactorForm'

interface AcceptFormProps {
  token: string
  invite: InviteLookup
}

/** Someone new chooses a name and a password; someone known proves to be that person. */
export function AcceptForm({ token, invite }: AcceptFormProps) {
  const { t } = useTranslation('auth')
  const goInside = () => window.location.replace(`/t/${invite.tenant.slug}`)
  const accept = useMutation({
    mutationFn: (values: FormData) =>
      acceptInvite(token, String(values.get('name') ?? ''), String(values.get('password') ?? '')),
    onSuccess: (answer) => {
      if (!isChallenge(answer)) goInside()
    },
  })
  const problem = accept.error ? asProblem(accept.error) : null
  if (accept.data && isChallenge(accept.data)) {
    // They have joined; what is asked now is about signing in, and that may begin anew.
    const again = () => window.location.replace(`/sign-in?next=/t/${invite.tenant.slug}`)
    return <SecondFactorForm challenge={accept.data} onEntered={goInside} onAgain={again} />
  }
  return (
    <Form onSubmit={accept.mutate} problem={problem} busy={accept.isPending}>
      {/* Password stores need to know whose password this is. */}
      <input type="hidden" name="username" autoComplete="username" value={invite.email} readOnly />
      {!invite.known && (
        <TextField
          name="name"
          label={t('name')}
          autoComplete="name"
          required
          error={fieldError(problem, 'name')}
        />
      )}
      <TextField
        name="password"
        type="password"
        label={invite.known ? t('invite.ownPassword') : t('invite.newPassword')}
        hint={invite.known ? t('invite.ownPasswordHint') : t('passwordHint')}
        autoComplete={invite.known ? 'current-password' : 'new-password'}
        required
        error={fieldError(problem, 'password')}
      />
      <Button look="primary" type="submit" className="h-9" busy={accept.isPending}>
        {accept.isPending ? t('invite.busy') : t('invite.action')}
      </Button>
    </Form>
  )
}
