import { useQueryClient } from '@tanstack/react-query'
import { useNavigate, useRouter } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import { startUpload } from '../../api/upload'
import { toast } from '../../ui/toasts'

interface StartInput {
  file: File
  currency: string
}

/** Send the file; when it has arrived, show its import, unless the reader has gone elsewhere. */
export function useStartImport(slug: string) {
  const { t } = useTranslation('imports')
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  const router = useRouter()

  return ({ file, currency }: StartInput) => {
    const from = router.state.location.pathname
    startUpload({ tenant: slug, file, currency }).then(
      ({ import_id }) => {
        void queryClient.invalidateQueries({ queryKey: ['t', slug, 'imports'] })
        if (router.state.location.pathname !== from) toast(t('started', { filename: file.name }))
        else void navigate({ to: '/t/$slug/imports/$import', params: { slug, import: import_id } })
      },
      // The strip above the page tells what went wrong, on whatever page that is.
      () => {},
    )
  }
}
