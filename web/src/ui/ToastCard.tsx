import { useTranslation } from 'react-i18next'

import { Icon } from './icons'
import { ProblemText } from './ProblemText'
import { dismissToast, type Toast } from './toasts'

/** What was done, or what failed, with what can be done about it. */
export default function ToastCard({ toast }: { toast: Toast }) {
  const { t } = useTranslation()
  return (
    <div
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
  )
}
