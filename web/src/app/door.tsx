import { QueryClientProvider } from '@tanstack/react-query'
import { lazy, StrictMode, Suspense } from 'react'
import { createRoot } from 'react-dom/client'

import { deploymentQuery } from '../api/deployment'
import { createQueryClient } from '../api/queryClient'
import { SignInPage } from '../pages/auth/SignInPage'
import { loadWords } from './i18n'

const InvitePage = lazy(() => import('../pages/auth/InvitePage'))
const ResetPage = lazy(() => import('../pages/auth/ResetPage'))
const MailboxPage = lazy(() => import('../pages/mailbox/MailboxPage'))

/** Show the page before the door that the address names. */
export async function startDoor(root: HTMLElement): Promise<void> {
  const queryClient = createQueryClient(() => {})
  // The demo accounts stand below the form; waiting for them here keeps the form from moving.
  await Promise.all([loadWords('auth'), queryClient.prefetchQuery(deploymentQuery)])
  // Whoever types here will want the console next.
  root.addEventListener('input', () => void import('./console'), { once: true })
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <Suspense>
          <DoorPage pathname={window.location.pathname} />
        </Suspense>
      </QueryClientProvider>
    </StrictMode>,
  )
}

function DoorPage({ pathname }: { pathname: string }) {
  if (pathname.startsWith('/invite')) return <InvitePage />
  if (pathname.startsWith('/reset')) return <ResetPage />
  if (pathname.startsWith('/dev/mail')) return <MailboxPage />
  return <SignInPage />
}
