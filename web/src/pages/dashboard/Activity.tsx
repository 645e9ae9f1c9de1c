import { useInfiniteQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'

import { activity, activityKey, type Happening } from '../../api/activity'
import { membersQuery } from '../../api/members'
import { maySeeMembers } from '../../app/access'
import { useMembership, useSession } from '../../app/useSession'
import { useStore } from '../../store'
import { useFormat } from '../../ui/format/useFormat'
import { useNow } from '../../ui/useNow'

interface ActivityProps {
  slug: string
  fund: string
}

const NONE: readonly Happening[] = []

/** What happened to a fund while this tab was open: who changed what, and when. */
export function Activity({ slug, fund }: ActivityProps) {
  const { t } = useTranslation('dashboard')
  const format = useFormat()
  const now = useNow(5_000)
  const heard = useStore(activity).get(activityKey(slug, fund)) ?? NONE
  const nameOf = useActorName(slug, heard.length > 0)
  const saidOf = useWhatHappened()
  return (
    <section aria-label={t('activity.title')} className="flex min-h-0 min-w-0 flex-col px-5 pt-4">
      <h2 className="text-sm font-semibold">{t('activity.title')}</h2>
      {heard.length === 0 && <p className="py-1 text-sm text-soft">{t('activity.none')}</p>}
      <ol
        aria-live="polite"
        // Not the ages, which change by themselves.
        aria-relevant="additions"
        className="-mx-2 min-h-0 overflow-auto py-1"
        tabIndex={-1}
      >
        {heard.map((event) => {
          const at = event.at ?? event.heardAt
          return (
            <li key={event.id} className="glow flex flex-col px-2 py-1 text-sm">
              <span>
                <span className="font-medium">{nameOf(event.actor)}</span> {saidOf(event)}
              </span>
              <time dateTime={at} title={format.instant(at)} className="text-xs text-soft">
                {format.age(at, Math.max(now, Date.parse(at)))}
              </time>
            </li>
          )
        })}
      </ol>
    </section>
  )
}

/** The name of who did it, as far as the reader may know the members. */
function useActorName(slug: string, wanted: boolean) {
  const { t } = useTranslation('dashboard')
  const { user } = useSession()
  const { role } = useMembership(slug)
  const members = useInfiniteQuery({
    ...membersQuery(slug),
    enabled: wanted && maySeeMembers(role),
  }).data?.pages.flatMap((page) => page.items)
  return (actor: string | undefined) => {
    if (actor === user.id) return t('activity.you')
    return members?.find((member) => member.user.id === actor)?.user.name ?? t('activity.someone')
  }
}

const FIELDS = ['name', 'vintage', 'strategy', 'manager'] as const

function useWhatHappened() {
  const { t, i18n } = useTranslation('dashboard')
  return ({ kind, data }: Happening) => {
    if (kind === 'allocation.created') return t('activity.allocationCreated')
    if (kind === 'allocation.changed') return t('activity.allocationChanged')
    if (kind === 'allocation.deleted') return t('activity.allocationDeleted')
    if (kind === 'allocation.restored') return t('activity.allocationRestored')
    if (kind === 'fund.deleted') return t('activity.fundDeleted')
    if (kind === 'fund.restored') return t('activity.fundRestored')
    if (kind === 'funds.imported') return t('activity.imported')
    const told = (data as { fields?: readonly string[] } | null)?.fields ?? []
    const fields = FIELDS.filter((field) => told.includes(field)).map((field) =>
      t(`field.${field}`).toLocaleLowerCase(i18n.language),
    )
    if (fields.length === 0) return t('activity.fundChangedPlain')
    const list = new Intl.ListFormat(i18n.language).format(fields)
    return t('activity.fundChanged', { fields: list })
  }
}
