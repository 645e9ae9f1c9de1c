import { useEffect, useRef } from 'react'

type Handler = (event: KeyboardEvent) => void

/** Whether a key belongs to what is under it: a field, a menu, an open dialog. */
export function isTaken(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return true
  if (document.querySelector('dialog[open], [role="menu"]')) return true
  const target = event.target
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches('input, select, textarea'))
  )
}

/** Single keys of a page. They rest while someone types or a dialog is open. */
export function useShortcuts(handlers: Readonly<Record<string, Handler>>): void {
  const latest = useRef(handlers)
  useEffect(() => {
    latest.current = handlers
  })
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const handler = latest.current[event.key]
      if (!handler || isTaken(event)) return
      event.preventDefault()
      handler(event)
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [])
}
