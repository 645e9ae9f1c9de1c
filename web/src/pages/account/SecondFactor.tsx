import { useQuery, useQueryClient } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'

import { secondFactorQuery } from '../../api/secondFactor'
import { sessionQuery, sessionsQuery } from '../../api/session'
import { Button } from '../../ui/Button'
import { useFormat } from '../../ui/format/useFormat'
import { ProblemView } from '../../ui/ProblemView'

const TurnOn = lazy(() => import('./TurnOn'))
const TurnOff = lazy(() => import('./TurnOff'))
const RenewCodes = lazy(() => import('./RenewCodes'))

/** How one's second factor stands, and the ways to change that. */
export function SecondFactor() {
  const { t } = useTranslation('account')
  const format = useFormat()
  const queryClient = useQueryClient()
  const query = useQuery(secondFactorQuery)
  const [open, setOpen] = useState<'on' | 'off' | 'renew'>()
  const factor = query.data
  const close = () => {
    setOpen(undefined)
    // Other sessions may have ended, and this one may have shown a second factor now.
    for (const { queryKey } of [secondFactorQuery, sessionQuery, sessionsQuery]) {
      void queryClient.invalidateQueries({ queryKey })
    }
  }
  if (query.isLoadingError) {
    return <ProblemView error={query.error} onRetry={() => void query.refetch()} />
  }
  return (
    <div className="flex max-w-[72ch] flex-col items-start gap-3">
      {factor ? (
        <p className="min-h-5 text-soft">
          {factor.enabled_at
            ? `${t('factor.on', { date: format.instant(factor.enabled_at) })} ${t('factor.left', { count: factor.recovery_codes_left })}`
            : t('factor.off')}
        </p>
      ) : (
        <span className="skeleton my-1 h-3 w-96 max-w-full" />
      )}
      <div className="flex min-h-8 flex-wrap gap-2">
        {factor && !factor.enabled && (
          <Button onClick={() => setOpen('on')}>{t('factor.turnOn')}</Button>
        )}
        {factor?.enabled && (
          <>
            <Button onClick={() => setOpen('renew')}>{t('factor.renew')}</Button>
            <Button onClick={() => setOpen('off')}>{t('factor.turnOff')}</Button>
          </>
        )}
      </div>
      <Suspense>
        {open === 'on' && <TurnOn onClose={close} />}
        {open === 'off' && <TurnOff onClose={close} />}
        {open === 'renew' && <RenewCodes onClose={close} />}
      </Suspense>
    </div>
  )
}
