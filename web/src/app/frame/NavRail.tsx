import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import type { Membership } from '../../api/types'
import { Icon, type IconName } from '../../ui/icons'
import { Mark } from '../../ui/Mark'
import { useModulePages, usePages } from './useModulePages'

const KEY = 'underpin.nav'

export function NavRail({ membership }: { membership: Membership | undefined }) {
  const { t } = useTranslation('frame')
  const [narrow, setNarrow] = useState(() => localStorage.getItem(KEY) === 'narrow')
  const toggle = () => {
    localStorage.setItem(KEY, narrow ? 'wide' : 'narrow')
    setNarrow(!narrow)
  }
  const slug = membership?.tenant.slug
  const pages = usePages(membership)
  const modulePages = useModulePages(slug)
  return (
    <nav
      aria-label={t('nav.label')}
      data-narrow={narrow || undefined}
      className="group/nav row-span-2 flex w-13 flex-col gap-0.5 border-r border-line bg-canvas px-2 pb-2 min-[960px]:not-data-narrow:w-48"
    >
      <Link
        to="/"
        className="mb-2 flex h-12 items-center gap-2.5 px-2 font-semibold tracking-tight"
      >
        <Mark />
        <NavText>Underpin</NavText>
      </Link>
      {slug &&
        pages.map((page) => (
          <Link
            key={page.id}
            to={page.to}
            params={{ slug }}
            title={t(`nav.${page.id}`)}
            className={ITEM}
          >
            <NavItem icon={page.id} text={t(`nav.${page.id}`)} />
          </Link>
        ))}
      {slug && modulePages.map((page) => (
        <Link
          key={page.path}
          to="/t/$slug/p/$path"
          params={{ slug, path: page.path }}
          title={page.title}
          className={ITEM}
        >
          <NavItem icon="list" text={page.title} />
        </Link>
      ))}
      <Link to="/account" title={t('nav.account')} className={ITEM}>
        <NavItem icon="account" text={t('nav.account')} />
      </Link>
      <button
        type="button"
        onClick={toggle}
        aria-pressed={narrow}
        title={t('nav.collapse')}
        aria-label={t('nav.collapse')}
        className="mt-auto hidden h-8 items-center gap-2.5 rounded-md px-2.5 text-faint hover:bg-hover min-[960px]:flex"
      >
        <Icon name="panel" />
      </button>
    </nav>
  )
}

const ITEM =
  'flex h-8 items-center gap-2.5 rounded-md px-2.5 text-soft hover:bg-hover hover:text-text ' +
  'aria-[current=page]:bg-selected aria-[current=page]:text-text aria-[current=page]:font-medium'

function NavItem({ icon, text }: { icon: IconName; text: string }) {
  return (
    <>
      <Icon name={icon} />
      <NavText>{text}</NavText>
    </>
  )
}

/** Hidden from the eye when the rail is narrow, never from a screen reader. */
function NavText({ children }: { children: string }) {
  return (
    <span className="sr-only min-[960px]:group-not-data-narrow/nav:not-sr-only">{children}</span>
  )
}
