import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { createInvite, invitesQuery, type InviteInput } from '../../api/invites'
import { asProblem } from '../../api/problem'
import type { CreatedInvite, Role } from '../../api/types'
import { rolesToGive } from '../../app/access'
import { Button } from '../../ui/Button'
import { Dialog, DialogActions } from '../../ui/Dialog'
import { SelectField, TextField } from '../../ui/Field'
import { fieldError, Form } from '../../ui/Form'
import { useFormat } from '../../ui/format/useFormat'
import { SecretText } from '../../ui/SecretText'
import { useRoleName } from '../../ui/useRoleName'
import { InvestorField } from './InvestorField'

interface InviteDialogProps {
  slug: string
  ownRole: Role
  onClose: () => void
}

export function InviteDialog({ slug, ownRole, onClose }: InviteDialogProps) {
  const { t } = useTranslation('members')
  const queryClient = useQueryClient()
  const create = useMutation({
    mutationFn: (input: InviteInput) => createInvite(slug, input),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: invitesQuery(slug).queryKey }),
  })
  return (
    <Dialog title={t('invite.title')} onClose={onClose} className="w-[520px]">
      {create.data ? (
        <InviteLink invite={create.data} onClose={onClose} />
      ) : (
        <InviteForm slug={slug} ownRole={ownRole} create={create} onClose={onClose} />
      )}
    </Dialog>
  )
}

interface InviteFormProps extends InviteDialogProps {
  create: {
    mutate: (input: InviteInput) => void
    error: Error | null
    isPending: boolean
  }
}

function InviteForm({ slug, ownRole, create, onClose }: InviteFormProps) {
  const { t } = useTranslation('members')
  const { t: commonWords } = useTranslation()
  const roleName = useRoleName()
  const [role, setRole] = useState<Role>('member')
  const problem = create.error ? asProblem(create.error) : null
  const submit = (values: FormData) =>
    create.mutate({
      email: String(values.get('email')).trim(),
      role,
      investor: values.get('investor')?.toString(),
    })
  return (
    <Form onSubmit={submit} problem={problem} busy={create.isPending}>
      <TextField
        name="email"
        type="email"
        label={t('column.email')}
        autoComplete="off"
        required
        error={fieldError(problem, 'email')}
      />
      <SelectField
        name="role"
        label={t('column.role')}
        hint={t(`roleHint.${role}`)}
        value={role}
        onChange={({ target }) => setRole(target.value as Role)}
        error={fieldError(problem, 'role')}
      >
        {rolesToGive(ownRole).map((one) => (
          <option key={one} value={one}>
            {roleName(one)}
          </option>
        ))}
      </SelectField>
      {role === 'investor' && <InvestorField slug={slug} error={fieldError(problem, 'investor')} />}
      <DialogActions>
        <Button onClick={onClose}>{commonWords('cancel')}</Button>
        <Button look="primary" type="submit" busy={create.isPending}>
          {create.isPending ? t('invite.busy') : t('invite.create')}
        </Button>
      </DialogActions>
    </Form>
  )
}

/** The link is shown this once; the server keeps only its hash. */
function InviteLink({ invite, onClose }: { invite: CreatedInvite; onClose: () => void }) {
  const { t } = useTranslation('members')
  const format = useFormat()
  return (
    <div className="flex flex-col gap-4">
      <p className="text-soft">{t('invite.once', { email: invite.email })}</p>
      <SecretText label={t('invite.link')} copyLabel={t('invite.copy')} text={invite.link} />
      <p className="text-sm text-soft">
        {t('invite.until', { date: format.instant(invite.expires_at) })}
      </p>
      <DialogActions>
        <Button look="primary" onClick={onClose}>
          {t('invite.done')}
        </Button>
      </DialogActions>
    </div>
  )
}
