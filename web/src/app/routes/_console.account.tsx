import { createFileRoute } from '@tanstack/react-router'

import { secondFactorQuery } from '../../api/secondFactor'
import { sessionsQuery } from '../../api/session'
import { AccountPage } from '../../pages/account/AccountPage'
import { loadWords } from '../i18n'

export const Route = createFileRoute('/_console/account')({
  loader: ({ context }) => {
    void context.queryClient.prefetchQuery(secondFactorQuery)
    void context.queryClient.prefetchQuery(sessionsQuery)
    return loadWords('account')
  },
  component: AccountPage,
})
