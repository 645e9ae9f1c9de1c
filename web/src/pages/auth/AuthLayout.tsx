import type { ReactNode } from 'react'

import { Mark } from '../../ui/Mark'
import { usePageTitle } from '../../ui/pageTitle'

interface AuthLayoutProps {
  title: string
  children: ReactNode
}

/** The pages before the door: a name, a form, nothing else. */
export function AuthLayout({ title, children }: AuthLayoutProps) {
  usePageTitle(title)
  return (
    <main className="flex min-h-full flex-col items-center overflow-auto px-4 pt-[14dvh] pb-12">
      <div className="w-full max-w-[360px]">
        <p className="mb-8 flex items-center gap-2.5 text-lg font-semibold tracking-tight">
          <Mark />
          Underpin
        </p>
        <h1 className="mb-5 text-xl font-semibold tracking-tight">{title}</h1>
        {children}
      </div>
    </main>
  )
}
