import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'

import { changeRole, membersQuery } from '../../api/members'
import { asProblem } from '../../api/problem'
import { sessionQuery } from '../../api/session'
import type { Member, Role } from '../../api/types'
import { BareSelect } from '../../ui/Field'
import { toast, toastProblem } from '../../ui/toasts'
import { useRoleName } from '../../ui/useRoleName'
import { useRolesToGive } from './useRolesToGive'

interface RoleSelectProps {
  slug: string
  member: Member
  ownRole: Role
}

/** The role of a member; a list for whoever may change it, a word for everyone else. */
export function RoleSelect({ slug, member, ownRole }: RoleSelectProps) {
  const { t } = useTranslation('members')
  const roleName = useRoleName()
  const queryClient = useQueryClient()
  const change = useMutation({
    mutationFn: (role: Role) => changeRole(slug, member.user.id, role),
    onSuccess: (_, role) => toast(t('changed', { name: member.user.name, role: roleName(role) })),
    onError: (error) => toastProblem(asProblem(error)),
    onSettled: async (_, error) => {
      // One's own role may have changed, and with it what the console shows.
      void queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey })
      const again = queryClient.invalidateQueries({ queryKey: membersQuery(slug).queryKey })
      // A refused choice goes back at once; an accepted one stays until the list says the same.
      if (!error) await again
    },
  })
  const roles = useRolesToGive(slug, ownRole)
  if (!roles.includes(member.role)) return roleName(member.role)
  return (
    <BareSelect
      aria-label={t('roleOf', { name: member.user.name })}
      // Not before the server agreed: until then the list shows what was chosen and is closed.
      value={change.isPending ? change.variables : member.role}
      disabled={change.isPending}
      aria-busy={change.isPending}
      onChange={({ target }) => change.mutate(target.value as Role)}
    >
      {roles.map((role) => (
        <option key={role} value={role}>
          {roleName(role)}
        </option>
      ))}
    </BareSelect>
  )
}
