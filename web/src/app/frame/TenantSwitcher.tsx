import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import type { Membership } from '../../api/types'
import { Menu, MenuItem } from '../../ui/Menu'
import { useRoleName } from '../../ui/useRoleName'
import { useSession } from '../useSession'
import { Swatch } from './Swatch'

export function TenantSwitcher({ membership }: { membership: Membership | undefined }) {
  const { t } = useTranslation('frame')
  const roleName = useRoleName()
  const navigate = useNavigate()
  const { memberships } = useSession()
  if (!membership) return null
  const current = membership.tenant
  return (
    <Menu
      label={t('tenant.switch', { name: current.name })}
      buttonClassName="max-w-64 font-medium"
      button={
        <>
          <Swatch accent={current.accent} />
          <span className="truncate">{current.name}</span>
        </>
      }
    >
      {memberships.map(({ tenant, role }) => (
        <MenuItem
          key={tenant.id}
          checked={tenant.slug === current.slug}
          onSelect={() => void navigate({ to: '/t/$slug', params: { slug: tenant.slug } })}
        >
          <Swatch accent={tenant.accent} />
          <span className="truncate">{tenant.name}</span>
          <span className="text-xs text-faint">{roleName(role)}</span>
        </MenuItem>
      ))}
    </Menu>
  )
}
