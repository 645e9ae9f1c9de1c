import { useTranslation } from 'react-i18next'

import type { ImportRows } from '../../api/types'
import { useFormat } from '../../ui/format/useFormat'

const COUNTS = ['read', 'applied', 'unchanged', 'refused', 'warnings'] as const
const TONE = { refused: 'text-bad', warnings: 'text-warn' } as const

export function ImportCounts({ rows }: { rows: ImportRows | undefined }) {
  const { t } = useTranslation('imports')
  const format = useFormat()
  const tone = (id: (typeof COUNTS)[number]) =>
    rows && rows[id] > 0 && id in TONE ? TONE[id as keyof typeof TONE] : ''
  return (
    <dl className="grid shrink-0 grid-cols-2 gap-px border-y border-line bg-line sm:grid-cols-5">
      {COUNTS.map((id) => (
        <div key={id} className="bg-surface px-5 py-2.5">
          <dt className="text-xs text-soft">{t(`rows.${id}`)}</dt>
          <dd className={`figures text-lg font-semibold ${tone(id)}`}>
            {rows ? format.count(rows[id]) : <span className="skeleton my-1.5 h-3 w-16" />}
          </dd>
        </div>
      ))}
    </dl>
  )
}
