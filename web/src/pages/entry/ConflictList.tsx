import { useTranslation } from 'react-i18next'

import type { Conflict } from './guarded'
import { useFieldName } from './useFieldName'

/** What somebody else has changed since the form was opened. */
export function ConflictList({ conflicts }: { conflicts: readonly Conflict[] }) {
  const { t } = useTranslation('entry')
  const nameOf = useFieldName()
  if (conflicts.length === 0) return null
  const shown = (text: string) => text || t('conflict.empty')
  return (
    <div className="rounded-md border border-line-strong bg-warn-soft px-3 py-2 text-sm">
      <p className="font-medium">{t('conflict.title')}</p>
      <ul className="list-disc pl-5">
        {conflicts.map(({ field, was, now, yours }) => {
          const words = { field: nameOf(field), was: shown(was), now: shown(now) }
          return (
            <li key={field}>
              {yours === undefined
                ? t('conflict.line', words)
                : t('conflict.yours', { ...words, yours: shown(yours) })}
            </li>
          )
        })}
      </ul>
    </div>
  )
}
