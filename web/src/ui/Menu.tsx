import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react'

import { Icon } from './icons'

interface MenuProps {
  label: string
  /** What the button shows. */
  button: ReactNode
  align?: 'left' | 'right'
  buttonClassName?: string
  children: ReactNode
}

/** A menu button (WAI-ARIA APG): arrows move, Escape goes back to the button, a click elsewhere closes. */
export function Menu({ label, button, align = 'left', buttonClassName = '', children }: MenuProps) {
  const [open, setOpen] = useState(false)
  const root = useRef<HTMLDivElement>(null)
  const trigger = useRef<HTMLButtonElement>(null)

  useEffect(() => {
    if (!open) return
    items(root.current)[0]?.focus()
    const closeOutside = (event: PointerEvent) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) setOpen(false)
    }
    document.addEventListener('pointerdown', closeOutside)
    return () => document.removeEventListener('pointerdown', closeOutside)
  }, [open])

  const close = () => {
    setOpen(false)
    trigger.current?.focus()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      event.preventDefault()
      close()
    } else if (event.key === 'Tab') {
      setOpen(false)
    } else {
      moveFocus(event, items(root.current))
    }
  }

  return (
    <div ref={root} className="relative min-w-0">
      <button
        ref={trigger}
        type="button"
        aria-haspopup="menu"
        aria-expanded={open}
        aria-label={label}
        onClick={() => setOpen(!open)}
        className={`flex h-8 max-w-full items-center gap-2 rounded-md px-2 hover:bg-hover ${buttonClassName}`}
      >
        {button}
        <Icon name="chevron" className="text-faint" />
      </button>
      {open && (
        <div
          role="menu"
          tabIndex={-1}
          aria-label={label}
          onKeyDown={onKeyDown}
          onClick={close}
          className={`absolute top-full z-40 mt-1 min-w-56 rounded-md border border-line-strong bg-raised p-1 shadow-lg ${align === 'right' ? 'right-0' : 'left-0'}`}
        >
          {children}
        </div>
      )}
    </div>
  )
}

const items = (root: HTMLElement | null): HTMLElement[] => [
  ...(root?.querySelectorAll<HTMLElement>('[role^="menuitem"]') ?? []),
]

function moveFocus(event: KeyboardEvent, all: HTMLElement[]) {
  const at = all.findIndex((item) => item === document.activeElement)
  const last = all.length - 1
  const to = {
    ArrowDown: at < last ? at + 1 : 0,
    ArrowUp: at > 0 ? at - 1 : last,
    Home: 0,
    End: last,
  }
  const index = to[event.key as keyof typeof to]
  if (index === undefined) return
  event.preventDefault()
  all[index]?.focus()
}

export const menuItemClass =
  'flex h-8 w-full items-center gap-2 rounded px-2 text-left text-sm text-text ' +
  'hover:bg-hover focus:bg-hover focus:outline-none'

interface MenuItemProps {
  onSelect: () => void
  /** For one of several: whether it is the one. */
  checked?: boolean
  children: ReactNode
}

export function MenuItem({ onSelect, checked, children }: MenuItemProps) {
  return (
    <button
      type="button"
      role={checked === undefined ? 'menuitem' : 'menuitemradio'}
      aria-checked={checked}
      tabIndex={-1}
      onClick={onSelect}
      className={menuItemClass}
    >
      {children}
      {checked && <Icon name="check" className="ml-auto text-accent" />}
    </button>
  )
}

export function MenuGroup({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div role="group" aria-label={label} className="border-b border-line py-1 last:border-0">
      <div aria-hidden="true" className="px-2 py-1 text-xs text-faint">
        {label}
      </div>
      {children}
    </div>
  )
}
