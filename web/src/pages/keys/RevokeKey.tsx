import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'

import { apiKeysQuery, revokeApiKey } from '../../api/apiKeys'
import { asProblem } from '../../api/problem'
import type { ApiKey } from '../../api/types'
import { ConfirmDialog } from '../../ui/ConfirmDialog'
import { useFormat } from '../../ui/format/useFormat'
import { toast } from '../../ui/toasts'

interface RevokeKeyProps {
  slug: string
  apiKey: ApiKey
  onClose: () => void
}

/** Take a key back, after saying whether it is in use. */
export function RevokeKey({ slug, apiKey, onClose }: RevokeKeyProps) {
  const { t } = useTranslation('keys')
  const format = useFormat()
  const queryClient = useQueryClient()
  const { id, name, last_used_at: usedAt } = apiKey
  const revoke = useMutation({
    mutationFn: () => revokeApiKey(slug, id),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: apiKeysQuery(slug).queryKey })
      toast(t('revoke.done', { name }))
      onClose()
    },
  })
  const use = usedAt ? t('revoke.used', { age: format.age(usedAt) }) : t('revoke.unused')
  return (
    <ConfirmDialog
      title={t('revoke.one', { name })}
      consequence={`${t('revoke.consequence')} ${use}`}
      action={revoke.isPending ? t('revoke.busy') : t('revoke.action')}
      busy={revoke.isPending}
      problem={revoke.error ? asProblem(revoke.error) : null}
      onConfirm={revoke.mutate}
      onClose={onClose}
    />
  )
}
