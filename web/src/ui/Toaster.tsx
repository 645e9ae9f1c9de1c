import { useTranslation } from 'react-i18next'

import { useStore } from '../store'
import { Icon } from './icons'
import { ProblemText } from './ProblemText'
import { dismissToast, toasts } from './toasts'

export function Toaster() {
  const { t } = useTranslation()
  const shown = useStore(toasts)
  return (
    <section
      aria-label={t('messages')}
      aria-live="polite"
      className="pointer-events-none fixed right-4 bottom-4 z-50 flex w-[360px] max-w-[calc(100vw-32px)] flex-col gap-2"
    >
      {shown.map((toast) => (
        <div
          key={toast.key}
          className={`pointer-events-auto flex items-start gap-2 rounded-md border bg-raised px-3 py-2.5 text-sm shadow-lg ${toast.problem ? 'border-bad' : 'border-line-strong'}`}
        >
          <Icon
            name={toast.problem ? 'error' : 'check'}
            className={`mt-0.5 ${toast.problem ? 'text-bad' : 'text-good'}`}
          />
          <div className="min-w-0 flex-1">
            {toast.problem ? <ProblemText problem={toast.problem} /> : toast.text}
          </div>
          {toast.action && (
            <button
              type="button"
              onClick={() => {
                toast.action?.run()
                dismissToast(toast.key)
              }}
              className="h-6 rounded px-1.5 font-medium text-accent hover:underline"
            >
              {toast.action.label}
            </button>
          )}
          <button
            type="button"
            aria-label={t('close')}
            onClick={() => dismissToast(toast.key)}
            className="inline-flex size-6 items-center justify-center rounded text-soft hover:bg-hover"
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
    </section>
  )
}
