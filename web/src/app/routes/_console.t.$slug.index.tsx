import { createFileRoute, redirect } from '@tanstack/react-router'

export const Route = createFileRoute('/_console/t/$slug/')({
  beforeLoad: ({ context, params }) => {
    // An outside person comes to see how their money stands, the staff to work on the funds.
    const to = context.role === 'investor' ? '/t/$slug/portfolio' : '/t/$slug/funds'
    throw redirect({ to, params, replace: true })
  },
})
