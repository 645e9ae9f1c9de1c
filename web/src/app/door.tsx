import { QueryClientProvider } from '@tanstack/react-query'
import { lazy, StrictMode, Suspense } from 'react'
import { createRoot } from 'react-dom/client'

import { deploymentQuery } from '../api/deployment'
import { createQueryClient } from '../api/queryClient'
import { SignInPage } from '../pages/auth/SignInPage'
import { loadWords } from './i18n'

const InvitePage = lazy(() => import('../pages/auth/InvitePage'))

/** Show the sign-in page or an invitation. */
export async function startDoor(root: HTMLElement): Promise<void> {
  const queryClient = createQueryClient(() => {})
  // The demo accounts stand below the form; waiting for them here keeps the form from moving.
  await Promise.all([loadWords('auth'), queryClient.prefetchQuery(deploymentQuery)])
  const invited = window.location.pathname.startsWith('/invite')
  // Whoever types here will want the console next.
  root.addEventListener('input', () => void import('./console'), { once: true })
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <Suspense>{invited ? <InvitePage /> : <SignInPage />}</Suspense>
      </QueryClientProvider>
    </StrictMode>,
  )
}
