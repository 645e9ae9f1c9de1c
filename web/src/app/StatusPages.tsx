import { Link, useRouter } from '@tanstack/react-router'
import { createContext, use, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

import { Problem } from '../api/problem'
import { buttonClass } from '../ui/Button'
import { PageHeader } from '../ui/PageHeader'
import { ProblemView } from '../ui/ProblemView'

/** Whether the frame is around a page; without it the page itself is the main landmark. */
export const InFrame = createContext(false)

function StatusPage({ children }: { children: ReactNode }) {
  return use(InFrame) ? children : <main>{children}</main>
}

export function NotFoundPage() {
  const { t } = useTranslation()
  return (
    <StatusPage>
      <PageHeader title={t('notFound.title')} />
      <div className="flex max-w-[72ch] flex-col items-start gap-4 px-5">
        <p className="text-soft">{t('notFound.next')}</p>
        <Link to="/" className={buttonClass()}>
          {t('notFound.home')}
        </Link>
      </div>
    </StatusPage>
  )
}

export function ErrorPage({ error }: { error: unknown }) {
  const { t } = useTranslation()
  const router = useRouter()
  if (error instanceof Problem && error.status === 404) return <NotFoundPage />
  // An error of our own code has no code of the server; the console keeps its stack.
  const shown =
    error instanceof Problem
      ? error
      : new Problem({ type: 'about:blank', title: 'internal', status: 500, code: 'console' })
  return (
    <StatusPage>
      <PageHeader title={t('broken.title')} />
      <ProblemView error={shown} onRetry={() => void router.invalidate()} />
    </StatusPage>
  )
}
