import { useEffect } from 'react'

import { createStore } from '../store'

/** The title of the page in sight; the frame reads it out when it changes. */
export const pageTitle = createStore('')

export function usePageTitle(title: string | undefined): void {
  useEffect(() => {
    if (title === undefined) return
    document.title = `${title} · Underpin`
    pageTitle.set(() => title)
  }, [title])
}
