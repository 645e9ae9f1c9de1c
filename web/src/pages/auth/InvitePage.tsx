import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { inviteLookupQuery } from '../../api/invites'
import { asProblem } from '../../api/problem'
import { useFormat } from '../../ui/format/useFormat'
import { ProblemText } from '../../ui/ProblemText'
import { useRoleName } from '../../ui/useRoleName'
import { AcceptForm } from './AcceptForm'
import { AuthLayout } from './AuthLayout'
import { tokenInUrl } from './tokenInUrl'

export default function InvitePage() {
  const { t } = useTranslation('auth')
  const [token] = useState(tokenInUrl)
  const lookup = useQuery({ ...inviteLookupQuery(token), enabled: token !== '' })

  if (token === '' || asProblem(lookup.error).status === 404) {
    return (
      <AuthLayout title={t('invite.gone')}>
        <p className="text-soft">{t('invite.goneNext')}</p>
      </AuthLayout>
    )
  }
  if (lookup.error) {
    return (
      <AuthLayout title={t('invite.title')}>
        <ProblemText problem={asProblem(lookup.error)} />
      </AuthLayout>
    )
  }
  return (
    <AuthLayout
      title={lookup.data ? t('invite.to', { tenant: lookup.data.tenant.name }) : t('invite.title')}
    >
      <InviteFacts token={token} />
      {lookup.data && <AcceptForm token={token} invite={lookup.data} />}
    </AuthLayout>
  )
}

function InviteFacts({ token }: { token: string }) {
  const { t } = useTranslation('auth')
  const roleName = useRoleName()
  const format = useFormat()
  const invite = useQuery(inviteLookupQuery(token)).data
  const facts = [
    [t('email'), invite?.email],
    [t('invite.role'), invite && roleName(invite.role)],
    [t('invite.until'), invite && format.instant(invite.expires_at)],
  ] as const
  return (
    <dl className="mb-5 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-sm">
      {facts.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-soft">{name}</dt>
          <dd>{value ?? <span className="skeleton my-1 h-3 w-40" />}</dd>
        </div>
      ))}
    </dl>
  )
}
