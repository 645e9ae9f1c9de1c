import { useEffect, useState, type RefObject } from 'react'
import { useTranslation } from 'react-i18next'

import { CopyButton } from '../CopyButton'

interface Spot {
  text: string
  top: number
  left: number
}

const BUTTON_PX = 24

/** One copy button for the whole table; it comes to the cell under the pointer. */
export default function CopyOverlay({ region }: { region: RefObject<HTMLElement | null> }) {
  const { t } = useTranslation()
  const [spot, setSpot] = useState<Spot>()

  useEffect(() => {
    const element = region.current
    if (!element) return
    const onOver = (event: PointerEvent) => {
      if (event.pointerType !== 'mouse' || !(event.target instanceof Element)) return
      if (event.target.closest('[data-copy-overlay]')) return
      const cell = event.target.closest<HTMLElement>('[data-copy]')
      setSpot(cell?.dataset.copy ? spotOf(cell, element) : undefined)
    }
    const hide = () => setSpot(undefined)
    element.addEventListener('pointerover', onOver)
    element.addEventListener('pointerleave', hide)
    element.addEventListener('scroll', hide, { passive: true })
    return () => {
      element.removeEventListener('pointerover', onOver)
      element.removeEventListener('pointerleave', hide)
      element.removeEventListener('scroll', hide)
    }
  }, [region])

  if (!spot) return null
  return (
    <div data-copy-overlay className="absolute z-[6]" style={{ top: spot.top, left: spot.left }}>
      <CopyButton
        key={spot.top + ':' + spot.left}
        text={spot.text}
        label={t('table.copyCell')}
        className="border border-line bg-raised text-soft"
      />
    </div>
  )
}

function spotOf(cell: HTMLElement, region: HTMLElement): Spot {
  const at = cell.getBoundingClientRect()
  const origin = region.getBoundingClientRect()
  const alignsRight = getComputedStyle(cell).textAlign === 'right'
  // On the side away from the figure, so that it covers nothing.
  const left = alignsRight ? at.left + 2 : at.right - BUTTON_PX - 2
  return {
    text: cell.dataset.copy ?? '',
    top: at.top - origin.top + region.scrollTop + (at.height - BUTTON_PX) / 2,
    left: left - origin.left + region.scrollLeft,
  }
}
