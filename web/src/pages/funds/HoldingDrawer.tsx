import { getRouteApi } from '@tanstack/react-router'
import { lazy, Suspense, useCallback } from 'react'
import { useTranslation } from 'react-i18next'

import { Drawer } from '../../ui/Drawer'
import { InvestorHoldings } from './InvestorHoldings'

const AllocationReports = lazy(() => import('./AllocationReports'))

const route = getRouteApi('/_console/t/$slug/funds/$fund')

/** Beside the figures: the allocations of one investor, and the reports of one of them. */
export function HoldingDrawer({ slug, fund }: { slug: string; fund: string }) {
  const { t } = useTranslation('dashboard')
  const { investor, allocation } = route.useSearch()
  const navigate = route.useNavigate()
  const close = useCallback(() => {
    // Back to the row that the drawer came from.
    document.querySelector<HTMLElement>('tr[data-open] a')?.focus({ preventScroll: true })
    void navigate({
      search: (now) => ({ ...now, investor: undefined, allocation: undefined }),
      resetScroll: false,
    })
  }, [navigate])
  const choose = useCallback(
    (id: string | undefined) =>
      void navigate({
        search: (now) => ({ ...now, allocation: id }),
        resetScroll: false,
      }),
    [navigate],
  )
  if (!investor && !allocation) return null
  return (
    <Drawer label={t('allocation.details')} onClose={close} over>
      <Suspense>
        {allocation ? (
          <AllocationReports
            slug={slug}
            allocation={allocation}
            onDeleted={close}
            {...(investor ? { onBack: () => choose(undefined) } : {})}
          />
        ) : (
          investor && (
            <InvestorHoldings
              slug={slug}
              fund={fund}
              investor={investor}
              onChoose={choose}
              onDeleted={close}
            />
          )
        )}
      </Suspense>
    </Drawer>
  )
}
