import { Outlet, useParams } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'

import { membershipIn } from '../../api/session'
import { useStore } from '../../store'
import { pageTitle } from '../../ui/pageTitle'
import { lastTenant } from '../lastTenant'
import { InFrame } from '../StatusPages'
import { useSession } from '../useSession'
import { NavRail } from './NavRail'
import { TopBar } from './TopBar'
import { UploadStrip } from './UploadStrip'
import { useFrameKeys } from './useFrameKeys'

const CommandPalette = lazy(() => import('./CommandPalette'))
const ShortcutHelp = lazy(() => import('./ShortcutHelp'))

export type Overlay = 'palette' | 'help' | undefined

/** The frame of every page inside: navigation, top bar, content; and what can lie over them. */
export function AppFrame() {
  const { t } = useTranslation('frame')
  const session = useSession()
  const { slug } = useParams({ strict: false })
  const [overlay, setOverlay] = useState<Overlay>()
  // Pages of the person, such as the account, stay in the frame of the tenant they came from.
  const membership = membershipIn(session, slug ?? lastTenant() ?? '') ?? session.memberships[0]
  useFrameKeys(membership, setOverlay)
  const title = useStore(pageTitle)
  const close = () => setOverlay(undefined)

  return (
    <div
      className="grid h-full grid-cols-[auto_minmax(0,1fr)] grid-rows-[auto_minmax(0,1fr)]"
      style={accentStyle(membership?.tenant.accent)}
    >
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-raised focus:p-2"
      >
        {t('skip')}
      </a>
      <NavRail membership={membership} />
      <TopBar membership={membership} onOverlay={setOverlay} />
      <main
        id="content"
        tabIndex={-1}
        className="relative flex min-h-0 flex-col overflow-auto bg-surface outline-none"
      >
        <UploadStrip />
        <InFrame value={true}>
          <Outlet />
        </InFrame>
      </main>
      <p aria-live="polite" className="sr-only">
        {title}
      </p>
      <Suspense>
        {overlay === 'palette' && <CommandPalette membership={membership} onClose={close} />}
        {overlay === 'help' && <ShortcutHelp onClose={close} />}
      </Suspense>
    </div>
  )
}

/** The colour comes from data; only what the browser itself reads as a colour is taken. */
function accentStyle(accent: string | undefined): React.CSSProperties | undefined {
  if (!accent || !CSS.supports('color', accent)) return undefined
  return { '--tenant-accent': accent } as React.CSSProperties
}
