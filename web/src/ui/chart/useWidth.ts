import { useEffect, useState, type RefObject } from 'react'

/** How wide an element is, as it changes; 0 before the first look. */
export function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0)
  useEffect(() => {
    const shown = element.current
    if (!shown) return
    // The first look comes by itself.
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setWidth(Math.floor(entry.contentRect.width))
    })
    observer.observe(shown)
    return () => observer.disconnect()
  }, [element])
  return width
}
