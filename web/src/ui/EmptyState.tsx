import type { ReactNode } from 'react'

interface EmptyStateProps {
  title: string
  /** What will appear here and how. */
  children: ReactNode
  action?: ReactNode
}

export function EmptyState({ title, children, action }: EmptyStateProps) {
  return (
    <div className="flex max-w-[72ch] flex-col items-start gap-2 px-5 py-10">
      <p className="font-medium">{title}</p>
      <p className="text-soft">{children}</p>
      {action && <div className="mt-2">{action}</div>}
    </div>
  )
}
