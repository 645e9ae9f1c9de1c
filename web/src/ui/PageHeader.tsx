import type { ReactNode } from 'react'

import { usePageTitle } from './pageTitle'

interface PageHeaderProps {
  /** Undefined while it is being read. */
  title: string | undefined
  /** Beside the title: a count, a state, an age. */
  note?: ReactNode
  children?: ReactNode
}

/** The one heading of a page and its tools, always in the same place. */
export function PageHeader({ title, note, children }: PageHeaderProps) {
  usePageTitle(title)
  return (
    <header className="flex min-h-14 shrink-0 flex-wrap items-center gap-x-3 gap-y-2 px-5 py-3">
      <h1 className="text-xl font-semibold tracking-tight">
        {title ?? <span className="skeleton my-1.5 h-4 w-72" />}
      </h1>
      {note}
      <div className="ml-auto flex flex-wrap items-center gap-2">{children}</div>
    </header>
  )
}
