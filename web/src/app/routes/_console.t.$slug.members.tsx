import { createFileRoute, notFound } from '@tanstack/react-router'

import { membersQuery } from '../../api/members'
import { MembersPage } from '../../pages/members/MembersPage'
import { maySeeMembers } from '../access'
import { loadWords } from '../i18n'
import { oneOf } from '../searchParams'

export const Route = createFileRoute('/_console/t/$slug/members')({
  validateSearch: (search): { view?: 'invites' | undefined } => ({
    view: oneOf(['invites'], search.view),
  }),
  beforeLoad: ({ context }) => {
    if (!maySeeMembers(context.role)) throw notFound()
  },
  loader: ({ context, params }) => {
    void context.queryClient.prefetchInfiniteQuery(membersQuery(params.slug))
    return loadWords('members')
  },
  component: MembersPage,
})
