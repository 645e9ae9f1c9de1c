import { useTranslation } from 'react-i18next'

import type { TrailEntry } from '../../api/types'
import { Drawer } from '../../ui/Drawer'
import { useFormat } from '../../ui/format/useFormat'
import { CopyText } from '../../ui/CopyText'
import { useWords } from './useWords'

interface EntryDrawerProps {
  entry: TrailEntry
  names: ReadonlyMap<string, string>
  onClose: () => void
}

/** One entry with all that is known of it. */
export function EntryDrawer({ entry, names, onClose }: EntryDrawerProps) {
  const { t } = useTranslation('trail')
  const format = useFormat()
  const words = useWords(names)
  const label = t('entry.label', { seq: entry.seq })
  const facts = [
    [t('column.at'), format.instant(entry.at)],
    [t('column.who'), [words.actor(entry), entry.actor.id].filter(Boolean).join(' · ')],
    [t('column.subject'), [words.subject(entry), entry.subject].filter(Boolean).join(' · ')],
    [t('column.address'), entry.address],
  ] as const
  return (
    <Drawer label={label} onClose={onClose}>
      <div className="flex flex-col gap-4 px-5 py-4">
        <div>
          <h2 className="text-lg font-semibold">{words.act(entry)}</h2>
          <p className="text-sm text-soft">
            {label} · <code className="font-mono text-xs">{entry.action}</code>
          </p>
        </div>
        <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-sm">
          {facts.map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="text-soft">{name}</dt>
              <dd className="break-all">{value || t('entry.none')}</dd>
            </div>
          ))}
        </dl>
        {entry.detail !== null && entry.detail !== undefined && (
          <section aria-label={t('column.detail')}>
            <h3 className="mb-1 text-sm font-medium">{t('column.detail')}</h3>
            <pre className="overflow-auto rounded-md bg-sunken px-3 py-2 font-mono text-xs">
              {JSON.stringify(entry.detail, null, 2)}
            </pre>
          </section>
        )}
        <section aria-label={t('entry.hash')}>
          <h3 className="mb-1 text-sm font-medium">{t('entry.hash')}</h3>
          <CopyText label={t('entry.hash')} copyLabel={t('entry.copyHash')} text={entry.hash} />
          <p className="mt-1 text-xs text-soft">{t('entry.hashNext')}</p>
        </section>
      </div>
    </Drawer>
  )
}
