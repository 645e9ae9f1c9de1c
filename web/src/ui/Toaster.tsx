import { lazy, Suspense } from 'react'
import { useTranslation } from 'react-i18next'

import { useStore } from '../store'
import { toasts } from './toasts'

const ToastCard = lazy(() => import('./ToastCard'))

export function Toaster() {
  const { t } = useTranslation()
  const shown = useStore(toasts)
  return (
    <section
      aria-label={t('messages')}
      aria-live="polite"
      className="pointer-events-none fixed right-4 bottom-4 z-50 flex w-[360px] max-w-[calc(100vw-32px)] flex-col gap-2"
    >
      <Suspense>
        {shown.map((toast) => (
          <ToastCard key={toast.key} toast={toast} />
        ))}
      </Suspense>
    </section>
  )
}
