import { createFileRoute } from '@tanstack/react-router'

import { Problem } from '../../api/problem'
import { sessionQuery } from '../../api/session'
import { AppFrame } from '../frame/AppFrame'
import { loadWords } from '../i18n'

export const Route = createFileRoute('/_console')({
  beforeLoad: async ({ context }) => {
    try {
      return { session: await context.queryClient.ensureQueryData(sessionQuery) }
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 401) throw error
      // The document is already on its way to the door; until it goes, nothing is shown.
      return await new Promise<never>(() => {})
    }
  },
  loader: () => loadWords('frame'),
  component: AppFrame,
})
