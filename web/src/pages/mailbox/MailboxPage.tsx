import { useInfiniteQuery } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'

import { mailboxQuery } from '../../api/mailbox'
import { rowsOf } from '../../api/paging'
import { asProblem } from '../../api/problem'
import type { DevMail } from '../../api/types'
import { buttonClass, Button } from '../../ui/Button'
import { EmptyState } from '../../ui/EmptyState'
import { useFormat } from '../../ui/format/useFormat'
import { Mark } from '../../ui/Mark'
import { usePageTitle } from '../../ui/pageTitle'
import { ProblemView } from '../../ui/ProblemView'
import { MailView } from './MailView'

const idOf = (mail: DevMail) => mail.id

/** What a developer's machine keeps instead of sending it; one mail has the fragment as its address. */
export default function MailboxPage() {
  const { t } = useTranslation('mailbox')
  usePageTitle(t('title'))
  const query = useInfiniteQuery(mailboxQuery)
  const mails = query.data && rowsOf<DevMail>(query.data.pages, idOf)
  const chosen = useFragment()
  const open = mails?.find((mail) => mail.id === chosen) ?? mails?.[0]
  return (
    <div className="flex h-full flex-col">
      <header className="flex flex-wrap items-center gap-x-3 border-b border-line bg-canvas px-5 py-3">
        <Mark />
        <h1 className="text-lg font-semibold tracking-tight">{t('title')}</h1>
        <p className="text-sm text-soft">{t('note')}</p>
        <a href="/sign-in" className={buttonClass('ghost', 'ml-auto')}>
          {t('back')}
        </a>
      </header>
      <main className="flex min-h-0 flex-1 flex-col bg-surface md:flex-row">
        {query.isLoadingError && <Unread error={query.error} onRetry={() => void query.refetch()} />}
        {mails?.length === 0 && <EmptyState title={t('empty')}>{t('emptyNext')}</EmptyState>}
        {mails && mails.length > 0 && (
          <MailList mails={mails} openId={open?.id}>
            {query.hasNextPage && (
              <Button
                look="ghost"
                busy={query.isFetchingNextPage}
                onClick={() => void query.fetchNextPage()}
              >
                {t('more')}
              </Button>
            )}
          </MailList>
        )}
        {open && <MailView mail={open} />}
      </main>
    </div>
  )
}

function Unread({ error, onRetry }: { error: Error; onRetry: () => void }) {
  const { t } = useTranslation('mailbox')
  if (asProblem(error).status !== 404) return <ProblemView error={error} onRetry={onRetry} />
  return <EmptyState title={t('none')}>{t('noneNext')}</EmptyState>
}

interface MailListProps {
  mails: readonly DevMail[]
  openId: string | undefined
  children: React.ReactNode
}

function MailList({ mails, openId, children }: MailListProps) {
  const { t } = useTranslation('mailbox')
  const format = useFormat()
  return (
    <nav
      aria-label={t('list')}
      className="max-h-[40dvh] shrink-0 overflow-auto border-b border-line md:max-h-none md:w-[360px] md:border-r md:border-b-0"
    >
      <ul>
        {mails.map((mail) => (
          <li key={mail.id} className="border-b border-line">
            <a
              href={`#${mail.id}`}
              aria-current={mail.id === openId ? 'true' : undefined}
              className="flex flex-col gap-0.5 px-5 py-2.5 -outline-offset-2 hover:bg-hover aria-[current]:bg-selected"
            >
              <span className="truncate font-medium">{mail.subject}</span>
              <span className="flex gap-3 text-xs text-soft">
                <span className="truncate">{mail.to}</span>
                <span className="ml-auto whitespace-nowrap">{format.age(mail.sent_at)}</span>
              </span>
            </a>
          </li>
        ))}
      </ul>
      <div className="p-2">{children}</div>
    </nav>
  )
}

function subscribe(onChange: () => void) {
  window.addEventListener('hashchange', onChange)
  return () => window.removeEventListener('hashchange', onChange)
}

const useFragment = () => useSyncExternalStore(subscribe, () => window.location.hash.slice(1))
