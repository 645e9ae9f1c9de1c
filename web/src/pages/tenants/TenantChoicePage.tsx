import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import { Swatch } from '../../app/frame/Swatch'
import { useSession } from '../../app/useSession'
import { EmptyState } from '../../ui/EmptyState'
import { PageHeader } from '../../ui/PageHeader'
import { useRoleName } from '../../ui/useRoleName'

export function TenantChoicePage() {
  const { t } = useTranslation('frame')
  const roleName = useRoleName()
  const { memberships, user } = useSession()
  return (
    <>
      <PageHeader title={t('tenant.choose')} />
      {memberships.length === 0 && (
        <EmptyState title={t('tenant.none')}>
          {t('tenant.noneNext', { email: user.email })}
        </EmptyState>
      )}
      <ul className="max-w-md px-3">
        {memberships.map(({ tenant, role }) => (
          <li key={tenant.id}>
            <Link
              to="/t/$slug"
              params={{ slug: tenant.slug }}
              className="flex h-11 items-center gap-3 rounded-md px-2 hover:bg-hover"
            >
              <Swatch accent={tenant.accent} />
              <span className="font-medium">{tenant.name}</span>
              <span className="ml-auto text-sm text-soft">{roleName(role)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </>
  )
}
