import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import { fundPrefixQuery } from '../../api/funds'
import type { Membership } from '../../api/types'
import type { IconName } from '../../ui/icons'
import { useDebounced } from '../../ui/useDebounced'
import { useSession } from '../useSession'
import { useModulePages, usePages } from './useModulePages'

export interface Command {
  id: string
  icon: IconName
  text: string
  /** What it is: a page, a tenant, a fund. */
  kind: string
  run: () => void
}

const REST_MS = 120

const contains = (text: string, part: string) =>
  text.toLocaleLowerCase().includes(part.trim().toLocaleLowerCase())

/** What the palette offers for what has been typed. */
export function useCommands(membership: Membership | undefined, text: string): Command[] {
  const { t } = useTranslation('frame')
  const { memberships } = useSession()
  const navigate = useNavigate()
  const own = usePages(membership)
  const hasFunds = own.some((page) => page.id === 'funds')
  const funds = useFunds(hasFunds ? membership : undefined, text)
  const slug = membership?.tenant.slug

  const pages: Command[] = own.map((page) => ({
    id: page.id,
    icon: page.id,
    text: t(`nav.${page.id}`),
    kind: t('palette.page'),
    run: () => void navigate({ to: page.to, params: { slug: slug ?? '' } }),
  }))
  const more: Command[] = useModulePages(slug).map((page) => ({
    id: `p/${page.path}`,
    icon: 'list',
    text: page.title,
    kind: t('palette.page'),
    run: () =>
      void navigate({ to: '/t/$slug/p/$path', params: { slug: slug ?? '', path: page.path } }),
  }))
  const account: Command = {
    id: 'account',
    icon: 'account',
    text: t('nav.account'),
    kind: t('palette.page'),
    run: () => void navigate({ to: '/account' }),
  }
  const tenants: Command[] = memberships.map(({ tenant }) => ({
    id: tenant.id,
    icon: 'investors',
    text: tenant.name,
    kind: t('palette.tenant'),
    run: () => void navigate({ to: '/t/$slug', params: { slug: tenant.slug } }),
  }))
  const found: Command[] = funds.map((fund) => ({
    id: fund.id,
    icon: 'funds',
    text: fund.name,
    kind: t('palette.fund'),
    run: () =>
      void navigate({ to: '/t/$slug/funds/$fund', params: { slug: slug ?? '', fund: fund.id } }),
  }))
  return [...[...pages, ...more, account, ...tenants].filter((one) => contains(one.text, text)), ...found]
}

function useFunds(membership: Membership | undefined, text: string) {
  const prefix = useDebounced(text.trim(), REST_MS)
  const { data } = useQuery({
    ...fundPrefixQuery(membership?.tenant.slug ?? '', prefix),
    enabled: membership !== undefined && prefix !== '',
  })
  return prefix === '' ? [] : (data?.items ?? [])
}
