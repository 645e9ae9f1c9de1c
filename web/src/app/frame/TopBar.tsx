import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'

import { deploymentQuery } from '../../api/deployment'
import type { Membership } from '../../api/types'
import { Badge } from '../../ui/Badge'
import { Icon } from '../../ui/icons'
import type { Overlay } from './AppFrame'
import { LiveIndicator } from './LiveIndicator'
import { TenantSwitcher } from './TenantSwitcher'
import { UserMenu } from './UserMenu'

interface TopBarProps {
  membership: Membership | undefined
  onOverlay: (overlay: Overlay) => void
}

const isMac = navigator.userAgent.includes('Mac')

export function TopBar({ membership, onOverlay }: TopBarProps) {
  const { t } = useTranslation('frame')
  const deployment = useQuery(deploymentQuery).data
  return (
    <header className="relative flex h-12 items-center gap-2 border-b sm:gap-3 border-line bg-canvas pr-3 pl-3">
      <div aria-hidden="true" className="absolute inset-x-0 top-0 h-0.5 bg-tenant" />
      <TenantSwitcher membership={membership} />
      {deployment && (
        <span className="hidden sm:inline">
          <Badge tone={deployment.environment === 'production' ? 'neutral' : 'warn'}>
            {deployment.environment} {deployment.version}
          </Badge>
        </span>
      )}
      <div className="ml-auto flex items-center gap-1 sm:gap-3">
        <button
          type="button"
          onClick={() => onOverlay('palette')}
          className="flex h-8 items-center gap-2 rounded-md border border-line-strong bg-surface px-2 text-sm text-soft hover:bg-hover sm:w-56"
        >
          <Icon name="search" />
          <span className="sr-only sm:not-sr-only">{t('search')}</span>
          <kbd className="ml-auto hidden font-sans text-xs text-faint sm:inline">
            {isMac ? '⌘ K' : 'Ctrl K'}
          </kbd>
        </button>
        <LiveIndicator />
        <UserMenu onHelp={() => onOverlay('help')} />
      </div>
    </header>
  )
}
