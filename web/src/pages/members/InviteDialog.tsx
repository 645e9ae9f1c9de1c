import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { createInvite, invitesQuery, type InviteInput } from '../../api/invites'
import { asProblem } from '../../api/problem'
import type { CreatedInvite, Invite, Role } from '../../api/types'
import { Button } from '../../ui/Button'
import { Dialog, DialogActions } from '../../ui/Dialog'
import { SelectField, TextField } from '../../ui/Field'
import { fieldError, Form } from '../../ui/Form'
import { useFormat } from '../../ui/format/useFormat'
import { CopyText } from '../../ui/CopyText'
import { useRoleName } from '../../ui/useRoleName'
import { InvestorField } from './InvestorField'
import { useRolesToGive } from './useRolesToGive'

interface InviteDialogProps {
  slug: string
  ownRole: Role
  /** An open invite that is made anew: its link ends with that. */
  again?: Invite | undefined
  onClose: () => void
}

/** Invite someone; the server sends the link where it sends mail, and shows it once in any case. */
export function InviteDialog({ slug, ownRole, again, onClose }: InviteDialogProps) {
  const { t } = useTranslation('members')
  const queryClient = useQueryClient()
  const create = useMutation({
    mutationFn: (input: InviteInput) => createInvite(slug, input),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: invitesQuery(slug).queryKey }),
  })
  return (
    <Dialog
      title={again ? t('again.title', { email: again.email }) : t('invite.title')}
      onClose={onClose}
      keeps
      className="w-[520px]"
    >
      {create.data ? (
        <InviteLink invite={create.data} onClose={onClose} />
      ) : (
        <InviteForm slug={slug} ownRole={ownRole} again={again} create={create} onClose={onClose} />
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

function InviteForm({ slug, ownRole, again, create, onClose }: InviteFormProps) {
  const { t } = useTranslation('members')
  const { t: commonWords } = useTranslation()
  const roleName = useRoleName()
  const [role, setRole] = useState<Role>(again?.role ?? 'member')
  const roles = useRolesToGive(slug, ownRole)
  const problem = create.error ? asProblem(create.error) : null
  const submit = (values: FormData) =>
    create.mutate({
      email: again?.email ?? String(values.get('email')).trim(),
      role,
      investor: values.get('investor')?.toString(),
    })
  return (
    <Form onSubmit={submit} problem={problem} busy={create.isPending}>
      {again ? (
        <p className="text-soft">{t('again.next')}</p>
      ) : (
        <TextField
          name="email"
          type="email"
          label={t('column.email')}
          autoComplete="off"
          required
          error={fieldError(problem, 'email')}
        />
      )}
      <SelectField
        name="role"
        label={t('column.role')}
        hint={t(`roleHint.${role}`)}
        value={role}
        onChange={({ target }) => setRole(target.value as Role)}
        error={fieldError(problem, 'role')}
      >
        {roles.map((one) => (
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
      <p className="text-soft">{t(invite.mailed ? 'invite.mailed' : 'invite.once', { email: invite.email })}</p>
      <CopyText label={t('invite.link')} copyLabel={t('invite.copy')} text={invite.link} />
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
