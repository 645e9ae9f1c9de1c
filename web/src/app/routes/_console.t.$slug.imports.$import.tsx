import { createFileRoute, notFound } from '@tanstack/react-router'

import { importQuery } from '../../api/imports'
import type { Severity } from '../../api/types'
import { ImportPage } from '../../pages/imports/ImportPage'
import { mayImport } from '../access'
import { loadWords } from '../i18n'
import { oneOf } from '../searchParams'

export const Route = createFileRoute('/_console/t/$slug/imports/$import')({
  validateSearch: (search): { severity?: Severity | undefined } => ({
    severity: oneOf(['error', 'warning'], search.severity),
  }),
  beforeLoad: ({ context }) => {
    if (!mayImport(context.role)) throw notFound()
  },
  loader: ({ context, params }) => {
    void context.queryClient.prefetchQuery(importQuery(params.slug, params.import))
    return loadWords('imports')
  },
  component: ImportPage,
})
