import { useNavigate } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'

import type { Membership } from '../../api/types'
import { isTaken } from '../../ui/useShortcuts'
import type { Overlay } from './AppFrame'
import type { TenantPage } from './destinations'
import { usePages } from './useModulePages'

/** How long after `g` the letter may come. */
const SEQUENCE_MS = 1_200

/** Keys that work on every page: the palette, the help, and `g` with a letter. */
export function useFrameKeys(
  membership: Membership | undefined,
  onOverlay: (overlay: Overlay) => void,
): void {
  const navigate = useNavigate()
  const goPressedAt = useRef(0)
  const pages = useRef<TenantPage[]>([])
  const own = usePages(membership)
  useEffect(() => {
    pages.current = own
  })

  useEffect(() => {
    const go = (key: string) => {
      const page = pages.current.find((one) => one.key === key)
      if (page && membership) {
        void navigate({ to: page.to, params: { slug: membership.tenant.slug } })
      } else if (key === 'a') {
        void navigate({ to: '/account' })
      }
    }
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey)) {
        event.preventDefault()
        onOverlay('palette')
        return
      }
      if (isTaken(event)) return
      const inSequence = event.timeStamp - goPressedAt.current < SEQUENCE_MS
      goPressedAt.current = event.key === 'g' ? event.timeStamp : 0
      if (inSequence) go(event.key)
      else if (event.key === '?') onOverlay('help')
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [membership, navigate, onOverlay])
}
