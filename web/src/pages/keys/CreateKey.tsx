import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'

import { apiKeysQuery, apiScopesQuery, createApiKey } from '../../api/apiKeys'
import { asProblem } from '../../api/problem'
import type { CreatedApiKey, NewApiKey } from '../../api/types'
import { Button } from '../../ui/Button'
import { Dialog, DialogActions } from '../../ui/Dialog'
import { SelectField, TextField } from '../../ui/Field'
import { fieldError, Form } from '../../ui/Form'
import { useFormat } from '../../ui/format/useFormat'
import { CopyText } from '../../ui/CopyText'
import { useRoleName } from '../../ui/useRoleName'
import { expiryAfter, LIVES, type Life } from './scopes'
import { ScopeField } from './ScopeField'

interface CreateKeyProps {
  slug: string
  onClose: () => void
}

/** Make a key, and show it this once. */
export default function CreateKey({ slug, onClose }: CreateKeyProps) {
  const { t } = useTranslation('keys')
  const queryClient = useQueryClient()
  const create = useMutation({
    mutationFn: (body: NewApiKey) => createApiKey(slug, body),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: apiKeysQuery(slug).queryKey }),
  })
  return (
    <Dialog title={t('create.title')} onClose={onClose} keeps className="w-[520px]">
      {create.data ? (
        <NewKey made={create.data} onClose={onClose} />
      ) : (
        <KeyForm slug={slug} create={create} onClose={onClose} />
      )}
    </Dialog>
  )
}

interface KeyFormProps extends CreateKeyProps {
  create: { mutate: (body: NewApiKey) => void; error: Error | null; isPending: boolean }
}

function KeyForm({ slug, create, onClose }: KeyFormProps) {
  const { t } = useTranslation('keys')
  const { t: commonWords } = useTranslation()
  const roleName = useRoleName()
  const scopes = useQuery(apiScopesQuery(slug))
  const problem = create.error ? asProblem(create.error) : null
  const submit = (values: FormData) => {
    const expires_at = expiryAfter(values.get('expires_at') as Life, Date.now())
    create.mutate({
      name: String(values.get('name')).trim(),
      role: values.get('role') as NewApiKey['role'],
      scopes: values.getAll('scopes').map(String),
      ...(expires_at ? { expires_at } : {}),
    })
  }
  return (
    <Form onSubmit={submit} problem={problem} busy={create.isPending}>
      <TextField
        name="name"
        label={t('column.name')}
        hint={t('create.nameHint')}
        autoComplete="off"
        required
        error={fieldError(problem, 'name')}
      />
      <SelectField
        name="role"
        label={t('column.role')}
        hint={t('create.roleHint')}
        defaultValue="member"
        error={fieldError(problem, 'role')}
      >
        <option value="member">{roleName('member')}</option>
        <option value="admin">{roleName('admin')}</option>
      </SelectField>
      <ScopeField
        scopes={scopes.data?.items}
        unread={scopes.error}
        error={fieldError(problem, 'scopes')}
      />
      <SelectField
        name="expires_at"
        label={t('column.expires')}
        defaultValue="90"
        error={fieldError(problem, 'expires_at')}
      >
        {LIVES.map((life) => (
          <option key={life} value={life}>
            {t(`life.${life}`)}
          </option>
        ))}
      </SelectField>
      <DialogActions>
        <Button onClick={onClose}>{commonWords('cancel')}</Button>
        <Button look="primary" type="submit" busy={create.isPending}>
          {create.isPending ? t('create.busy') : t('create.submit')}
        </Button>
      </DialogActions>
    </Form>
  )
}

/** The server keeps only its digest, so nobody can show it again. */
function NewKey({ made, onClose }: { made: CreatedApiKey; onClose: () => void }) {
  const { t } = useTranslation('keys')
  const format = useFormat()
  return (
    <div className="flex flex-col gap-4">
      <p className="text-soft">{t('create.once', { name: made.name })}</p>
      <CopyText label={t('create.key')} copyLabel={t('create.copy')} text={made.token} />
      <p className="text-sm text-soft">
        {t('create.use')} <code className="font-mono text-xs">Authorization: Bearer …</code>
      </p>
      <p className="text-sm text-soft">
        {made.expires_at
          ? t('create.until', { date: format.instant(made.expires_at) })
          : t('create.forever')}
      </p>
      <DialogActions>
        <Button
          look="primary"
          // oxlint-disable-next-line jsx-a11y/no-autofocus -- what had the focus is gone
          autoFocus
          onClick={onClose}
        >
          {t('create.done')}
        </Button>
      </DialogActions>
    </div>
  )
}
