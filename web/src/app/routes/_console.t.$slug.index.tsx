import { createFileRoute, redirect } from '@tanstack/react-router'

export const Route = createFileRoute('/_console/t/$slug/')({
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/t/$slug/funds', params, replace: true })
  },
})
