import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'

import { findingsCsvUrl, findingsQuery, isOver } from '../../api/imports'
import type { Finding, Import, Severity } from '../../api/types'
import { Badge } from '../../ui/Badge'
import { buttonClass } from '../../ui/Button'
import { Icon } from '../../ui/icons'
import { ProblemView } from '../../ui/ProblemView'
import { Segments } from '../../ui/Segments'
import type { Column } from '../../ui/table/column'
import { DataTable } from '../../ui/table/DataTable'
import { useTablePages } from '../../ui/table/useTablePages'

interface FindingsTableProps {
  slug: string
  shown: Import | undefined
  severity: Severity | undefined
}

const idOf = ({ line, column, code }: Finding) => `${line} ${column} ${code}`
const CHOICES = ['all', 'error', 'warning'] as const

export function FindingsTable({ slug, shown, severity }: FindingsTableProps) {
  const { t } = useTranslation('imports')
  const navigate = useNavigate()
  const id = shown?.id ?? ''
  const query = useInfiniteQuery({ ...findingsQuery(slug, id, severity), enabled: id !== '' })
  const { rows, onSeen } = useTablePages(query, idOf)
  const columns = useFindingColumns()
  const choose = (choice: (typeof CHOICES)[number]) =>
    void navigate({
      to: '.',
      search: { severity: choice === 'all' ? undefined : choice },
      replace: true,
    })

  return (
    <div className="flex min-h-48 flex-1 flex-col">
      <div className="flex flex-wrap items-center gap-3 px-5 py-2">
        <h2 className="text-sm font-semibold">{t('findings.title')}</h2>
        <Segments
          label={t('findings.severity')}
          value={severity ?? 'all'}
          choices={CHOICES.map((value) => ({ value, text: t(`findings.${value}`) }))}
          onChoose={choose}
        />
        {shown && rows && rows.length > 0 && (
          <a
            href={findingsCsvUrl(slug, shown.id)}
            download
            className={buttonClass('secondary', 'ml-auto')}
          >
            <Icon name="download" />
            {t('findings.csv')}
          </a>
        )}
      </div>
      {query.isLoadingError && (
        <ProblemView error={query.error} onRetry={() => void query.refetch()} />
      )}
      {rows?.length === 0 ? (
        <p className="px-5 py-3 text-sm text-soft">
          {shown && isOver(shown.state) ? t('findings.none') : t('findings.noneYet')}
        </p>
      ) : (
        !query.isLoadingError && (
          <DataTable
            label={t('findings.title')}
            columns={columns}
            rows={rows}
            count={rows?.length ?? 0}
            rowId={idOf}
            onSeen={onSeen}
          />
        )
      )}
    </div>
  )
}

function FaultyValue({ finding }: { finding: Finding }) {
  const tone = finding.severity === 'error' ? 'bg-bad-soft' : 'bg-warn-soft'
  return <code className={`rounded px-1 font-mono text-xs ${tone}`}>{finding.value}</code>
}

function useFindingColumns(): Column<Finding>[] {
  const { t } = useTranslation('imports')
  return useMemo(
    () => [
      {
        id: 'message',
        header: t('column.message'),
        width: 34,
        text: (finding) => finding.message,
        title: (finding) => finding.message,
      },
      {
        id: 'severity',
        header: t('findings.severity'),
        width: 12,
        text: (finding) => finding.severity,
        cell: (finding) => (
          <Badge tone={finding.severity === 'error' ? 'bad' : 'warn'}>
            {t(`severity.${finding.severity}`)}
          </Badge>
        ),
      },
      {
        id: 'line',
        header: t('column.line'),
        width: 9,
        align: 'right',
        text: (finding) => finding.line.toString(),
      },
      {
        id: 'column',
        header: t('column.column'),
        width: 22,
        text: (finding) => finding.column ?? '',
      },
      {
        id: 'value',
        header: t('column.value'),
        width: 24,
        text: (finding) => finding.value ?? '',
        cell: (finding) => finding.value && <FaultyValue finding={finding} />,
      },
      {
        id: 'code',
        header: t('column.code'),
        width: 22,
        text: (finding) => finding.code,
        cell: (finding) => <code className="font-mono text-xs text-soft">{finding.code}</code>,
      },
    ],
    [t],
  )
}
