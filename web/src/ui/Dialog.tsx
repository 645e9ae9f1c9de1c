import { useEffect, useId, useRef, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

import { Icon } from './icons'

interface DialogProps {
  title: string
  onClose: () => void
  children: ReactNode
  /** The palette has a field where others have a heading. */
  bare?: boolean
  /** Something is typed here: a click beside it must not lose that. */
  keeps?: boolean
  className?: string
}

/**
 * The one modal dialog, mounted while it is open.
 *
 * It is the element of the platform: focus stays inside, Escape closes, focus goes back to where it
 * was, and no library has to inject a stylesheet that the policy of the server would refuse.
 */
export function Dialog(props: DialogProps) {
  const { title, onClose, children, bare, keeps, className = 'w-[440px]' } = props
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useId()

  useEffect(() => {
    const element = dialog.current
    if (!element) return
    const opener = document.activeElement
    if (!element.open) element.showModal()
    return () => {
      element.close()
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus()
    }
  }, [])

  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions -- Escape is the key
    <dialog
      ref={dialog}
      aria-label={bare ? title : undefined}
      aria-labelledby={bare ? undefined : heading}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      onClick={(event) => {
        if (event.target === dialog.current && !keeps) onClose()
      }}
      className={`max-h-[85dvh] max-w-[calc(100vw-32px)] overflow-hidden rounded-lg border border-line-strong bg-raised p-0 shadow-xl ${className}`}
    >
      {bare ? (
        children
      ) : (
        <div className="flex max-h-[85dvh] flex-col">
          <DialogHeading id={heading} title={title} onClose={onClose} />
          <div className="overflow-auto px-5 pb-5">{children}</div>
        </div>
      )}
    </dialog>
  )
}

function DialogHeading({ id, title, onClose }: { id: string; title: string; onClose: () => void }) {
  const { t } = useTranslation()
  return (
    <div className="flex items-center justify-between gap-4 py-3 pr-3 pl-5">
      <h2 id={id} className="text-lg font-semibold">
        {title}
      </h2>
      <button
        type="button"
        aria-label={t('close')}
        onClick={onClose}
        className="inline-flex size-8 items-center justify-center rounded-md text-soft hover:bg-hover"
      >
        <Icon name="close" />
      </button>
    </div>
  )
}

/** The row of buttons that ends a dialog. */
export function DialogActions({ children }: { children: ReactNode }) {
  return <div className="mt-2 flex justify-end gap-2">{children}</div>
}
