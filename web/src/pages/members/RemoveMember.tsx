import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'

import { membersQuery, removeMember } from '../../api/members'
import { asProblem } from '../../api/problem'
import type { Member } from '../../api/types'
import { ConfirmDialog } from '../../ui/ConfirmDialog'
import { toast } from '../../ui/toasts'

interface RemoveMemberProps {
  slug: string
  member: Member
  onClose: () => void
}

export function RemoveMember({ slug, member, onClose }: RemoveMemberProps) {
  const { t } = useTranslation('members')
  const queryClient = useQueryClient()
  const { name, email, id } = member.user
  const remove = useMutation({
    mutationFn: () => removeMember(slug, id),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: membersQuery(slug).queryKey })
      toast(t('remove.done', { name }))
      onClose()
    },
  })
  return (
    <ConfirmDialog
      title={t('remove.one', { name })}
      consequence={t('remove.consequence', { name })}
      word={email}
      action={remove.isPending ? t('remove.busy') : t('remove.action')}
      busy={remove.isPending}
      problem={remove.error ? asProblem(remove.error) : null}
      onConfirm={remove.mutate}
      onClose={onClose}
    />
  )
}
