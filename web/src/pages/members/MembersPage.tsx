import { useQueryClient } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { renew } from '../../api/renew'
import { mayAdminister } from '../../app/access'
import { useRoom } from '../../app/useRoom'
import { useMembership } from '../../app/useSession'
import { Button } from '../../ui/Button'
import { Icon } from '../../ui/icons'
import { PageHeader } from '../../ui/PageHeader'
import { Segments } from '../../ui/Segments'
import { FactorPolicyButton } from './FactorPolicyButton'
import { InviteDialog } from './InviteDialog'
import { InviteTable } from './InviteTable'
import { MemberTable } from './MemberTable'

const route = getRouteApi('/_console/t/$slug/members')

export function MembersPage() {
  const { t } = useTranslation('members')
  const { slug } = route.useParams()
  const { view } = route.useSearch()
  const navigate = route.useNavigate()
  const { role } = useMembership(slug)
  const [inviting, setInviting] = useState(false)
  const queryClient = useQueryClient()
  const again = () => {
    renew(queryClient, ['t', slug, 'members'])
    renew(queryClient, ['t', slug, 'invites'])
    renew(queryClient, ['t', slug, 'second-factor-policy'])
  }
  useRoom(slug, 'tenant', { onEvent: again, onResync: again })
  const admin = mayAdminister(role)
  const views = [
    { value: 'members', text: t('title') },
    { value: 'invites', text: t('invites.title') },
  ] as const

  return (
    <>
      <PageHeader
        title={t('title')}
        note={
          admin && (
            <Segments
              label={t('view')}
              value={view ?? 'members'}
              choices={views}
              onChoose={(chosen) =>
                void navigate({ search: { view: chosen === 'invites' ? chosen : undefined } })
              }
            />
          )
        }
      >
        {admin && (
          <>
            <FactorPolicyButton slug={slug} ownRole={role} />
            <Button look="primary" onClick={() => setInviting(true)}>
              <Icon name="plus" />
              {t('invite.action')}
            </Button>
          </>
        )}
      </PageHeader>
      {admin && view === 'invites' ? (
        <InviteTable slug={slug} ownRole={role} />
      ) : (
        <MemberTable slug={slug} ownRole={role} />
      )}
      {inviting && <InviteDialog slug={slug} ownRole={role} onClose={() => setInviting(false)} />}
    </>
  )
}
