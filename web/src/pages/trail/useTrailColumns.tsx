import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'

import type { TrailEntry } from '../../api/types'
import { Badge } from '../../ui/Badge'
import { useFormat } from '../../ui/format/useFormat'
import type { Column } from '../../ui/table/column'
import { detailText } from './naming'
import { useWords } from './useWords'

/** Who did what to whom, when and from where; the last column is the place in the chain. */
export function useTrailColumns(names: ReadonlyMap<string, string>): Column<TrailEntry>[] {
  const { t } = useTranslation('trail')
  const format = useFormat()
  const words = useWords(names)
  return useMemo(
    () => [
      {
        id: 'what',
        header: t('column.what'),
        width: 24,
        text: (entry) => entry.action,
        cell: (entry) => words.act(entry),
        title: (entry) => entry.action,
      },
      {
        id: 'who',
        header: t('column.who'),
        width: 27,
        text: (entry) => words.actor(entry),
        cell: (entry) => (
          <span className="flex items-center gap-2">
            <span className="truncate">{words.actor(entry)}</span>
            {entry.actor.kind === 'key' && <Badge>{words.actorKind(entry)}</Badge>}
          </span>
        ),
        title: (entry) => [words.actorKind(entry), entry.actor.id].filter(Boolean).join(' '),
      },
      {
        id: 'subject',
        header: t('column.subject'),
        width: 22,
        text: (entry) => entry.subject ?? '',
        cell: (entry) => words.subject(entry),
        title: (entry) => entry.subject ?? '',
      },
      {
        id: 'detail',
        header: t('column.detail'),
        width: 32,
        text: (entry) => (entry.detail ? JSON.stringify(entry.detail) : ''),
        cell: (entry) => detailText(entry.detail),
        title: (entry) => detailText(entry.detail),
      },
      {
        id: 'address',
        header: t('column.address'),
        width: 14,
        text: (entry) => entry.address ?? '',
      },
      {
        id: 'at',
        header: t('column.at'),
        width: 25,
        align: 'right',
        text: (entry) => entry.at,
        cell: (entry) => format.instant(entry.at),
        title: (entry) => entry.at,
      },
      {
        id: 'seq',
        header: t('column.seq'),
        width: 8,
        align: 'right',
        text: (entry) => entry.seq,
        cell: (entry) => <span className="figures">{entry.seq}</span>,
      },
    ],
    [t, format, words],
  )
}
