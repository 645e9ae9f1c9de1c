import { useTranslation } from 'react-i18next'

import type { Import } from '../../api/types'
import { CopyButton } from '../../ui/CopyButton'
import { useFormat } from '../../ui/format/useFormat'

const SHORT_HASH = 12

/** Where the file came from, in one line that can be read out to someone. */
export function ImportFacts({ shown }: { shown: Import | undefined }) {
  const { t } = useTranslation('imports')
  const format = useFormat()
  return (
    <dl className="flex min-h-10 flex-wrap items-center gap-x-6 gap-y-1 px-5 py-2 text-xs text-soft">
      {shown && (
        <>
          <Fact name={t('column.createdBy')}>{shown.created_by}</Fact>
          <Fact name={t('column.createdAt')}>{format.instant(shown.created_at)}</Fact>
          <Fact name={t('preview.currency')}>{shown.currency}</Fact>
          <Fact name="SHA-256">
            <code className="font-mono">{shown.sha256.slice(0, SHORT_HASH)}…</code>
            <CopyButton text={shown.sha256} label={t('copyHash')} />
          </Fact>
        </>
      )}
    </dl>
  )
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div className="flex items-center gap-1.5">
      <dt>{name}</dt>
      <dd className="flex items-center gap-1 text-text">{children}</dd>
    </div>
  )
}
