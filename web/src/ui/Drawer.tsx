import { useEffect, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

import { Icon } from './icons'

interface DrawerProps {
  label: string
  onClose: () => void
  /** Over the right of the page instead of beside it: a page of many parts would jump. */
  over?: boolean
  /** Beside the close button: the way to the same thing as a page. */
  actions?: ReactNode
  /** Absent while its code is on its way. */
  children?: ReactNode
}

/** Details beside a list. The list stays in use, so this is no dialog and holds no focus. */
export function Drawer({ label, onClose, over, actions, children }: DrawerProps) {
  const { t } = useTranslation()

  useEffect(() => {
    const closeByKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented) return
      if (document.querySelector('dialog[open], [role="menu"]')) return
      onClose()
    }
    document.addEventListener('keydown', closeByKey)
    return () => document.removeEventListener('keydown', closeByKey)
  }, [onClose])

  return (
    <aside
      aria-label={label}
      className={`absolute inset-y-0 right-0 z-30 flex max-w-full shrink-0 flex-col border-l border-line-strong bg-surface shadow-xl ${over ? 'w-[640px]' : 'w-[480px] min-[1200px]:static min-[1200px]:shadow-none'}`}
    >
      <div className="flex h-10 shrink-0 items-center justify-end gap-1 border-b border-line px-2">
        {actions}
        <button
          type="button"
          aria-label={t('close')}
          onClick={onClose}
          className="inline-flex size-7 items-center justify-center rounded-md text-soft hover:bg-hover"
        >
          <Icon name="close" />
        </button>
      </div>
      <div className="min-h-0 flex-1 overflow-auto" tabIndex={-1}>
        {children}
      </div>
    </aside>
  )
}
