import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'

import { deploymentQuery } from '../../api/deployment'
import { AuthLayout } from './AuthLayout'
import { AskForReset } from './AskForReset'
import { DoorLinks } from './DoorLinks'
import { SetPassword } from './SetPassword'
import { tokenInUrl } from './tokenInUrl'

/** A forgotten password: without a token the question for a mail, with the one of the mail the new password. */
export default function ResetPage() {
  const { t } = useTranslation('auth')
  const token = useToken()
  const mail = useQuery(deploymentQuery).data?.mail
  if (token !== '') return <SetPassword key={token} token={token} />
  if (mail === false) {
    return (
      <AuthLayout title={t('reset.none')}>
        <p className="text-soft">{t('reset.noneNext')}</p>
        <DoorLinks />
      </AuthLayout>
    )
  }
  return <AskForReset />
}

/** Whoever opens the mail's link where this page is open already changes the fragment only. */
function useToken(): string {
  const [token, setToken] = useState(() => tokenInUrl())
  useEffect(() => {
    const read = () => setToken(tokenInUrl())
    window.addEventListener('hashchange', read)
    return () => window.removeEventListener('hashchange', read)
  }, [])
  return token
}
