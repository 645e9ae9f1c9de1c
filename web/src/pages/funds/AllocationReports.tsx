import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useCallback, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'

import { allocationQuery } from '../../api/dashboard'
import type { AllocationDetails, PositionReport } from '../../api/types'
import { mayEnter } from '../../app/access'
import { useMembership } from '../../app/useSession'
import { Button } from '../../ui/Button'
import { useFormat } from '../../ui/format/useFormat'
import { isGone } from '../../ui/gone'
import { Icon } from '../../ui/icons'
import { ProblemView } from '../../ui/ProblemView'
import type { Column } from '../../ui/table/column'
import { DataTable } from '../../ui/table/DataTable'
import { AMOUNTS, type AmountName } from '../entry/reportTexts'
import { useFieldName } from '../entry/useFieldName'

const DeleteDialog = lazy(() => import('../deleted/DeleteDialog'))
const EditReport = lazy(() => import('../entry/EditReport'))
const EditDeal = lazy(() => import('../entry/EditDeal'))

interface AllocationReportsProps {
  slug: string
  allocation: string
  /** To the other allocations of the investor. */
  onBack?: () => void
  /** It was deleted from here. */
  onDeleted: () => void
}

/** What is being entered; a report without a day is a new one. */
interface Entering {
  what: 'deal' | 'report' | 'deletion'
  day?: string
}

const dayOf = (report: PositionReport) => report.as_of

/** An allocation with its history, newest first; staff correct it and add to it. */
export default function AllocationReports(props: AllocationReportsProps) {
  const { slug, allocation, onBack, onDeleted } = props
  const { t } = useTranslation('dashboard')
  const query = useQuery(allocationQuery(slug, allocation))
  const [entering, setEntering] = useState<Entering>()
  const mayChange = mayEnter(useMembership(slug).role)
  const shown = query.data?.data
  const correct = useCallback((day: string) => setEntering({ what: 'report', day }), [])
  const columns = useReportColumns(mayChange ? correct : undefined)
  const close = () => setEntering(undefined)

  if (query.isLoadingError || isGone(query.error)) {
    return <ProblemView error={query.error} onRetry={() => void query.refetch()} />
  }
  return (
    <div className="flex h-full flex-col">
      <Heading allocation={shown} onBack={onBack} />
      {mayChange && (
        <div className="flex gap-2 px-5 pb-4">
          <Button disabled={!shown} onClick={() => setEntering({ what: 'report' })}>
            <Icon name="plus" />
            {t('allocation.newReport')}
          </Button>
          <Button disabled={!shown} onClick={() => setEntering({ what: 'deal' })}>
            {t('allocation.editDeal')}
          </Button>
          <Button disabled={!shown} onClick={() => setEntering({ what: 'deletion' })}>
            {t('delete')}
          </Button>
        </div>
      )}
      <DataTable
        label={t('allocation.reports')}
        columns={columns}
        rows={shown?.reports}
        count={shown?.reports.length ?? 0}
        rowId={dayOf}
        of={shown?.id}
      />
      <Suspense>
        {query.data && entering?.what === 'report' && (
          <EditReport
            slug={slug}
            allocation={query.data}
            day={entering.day}
            onClose={close}
          />
        )}
        {query.data && entering?.what === 'deal' && (
          <EditDeal slug={slug} allocation={query.data} onClose={close} />
        )}
        {query.data && entering?.what === 'deletion' && (
          <DeleteDialog
            slug={slug}
            thing={{
              kind: 'allocation',
              id: allocation,
              name: query.data.data.investor.name,
              fund: query.data.data.fund,
            }}
            readTag={async (again) => {
              const now = again ? (await query.refetch()).data : query.data
              return (now ?? query.data).etag
            }}
            onDone={onDeleted}
            onClose={close}
          />
        )}
      </Suspense>
    </div>
  )
}

interface HeadingProps {
  allocation: AllocationDetails | undefined
  onBack: (() => void) | undefined
}

function Heading({ allocation, onBack }: HeadingProps) {
  const { t } = useTranslation('dashboard')
  const deal = allocation?.deal_ref
    ? t('allocation.deal', { deal: allocation.deal_ref })
    : t('allocation.unnamed')
  const about = allocation && [
    deal,
    t('allocation.tranche', { tranche: allocation.tranche }),
    allocation.currency,
  ]
  return (
    <div className="px-5 py-4">
      {onBack && (
        <button type="button" onClick={onBack} className="text-sm text-accent hover:underline">
          {t('allocation.all')}
        </button>
      )}
      <h2 className="text-lg font-semibold tracking-tight">
        {allocation?.investor.name ?? <span className="skeleton my-1.5 h-4 w-48" />}
      </h2>
      <p className="text-sm text-soft">
        {about?.join(' · ') ?? <span className="skeleton my-1 h-3 w-40" />}
      </p>
    </div>
  )
}

function useReportColumns(onCorrect: ((day: string) => void) | undefined) {
  const { t } = useTranslation('dashboard')
  const { t: entryWords } = useTranslation('entry')
  const nameOf = useFieldName()
  const format = useFormat()
  return useMemo((): Column<PositionReport>[] => {
    const amount = (name: AmountName): Column<PositionReport> => ({
      id: name,
      header: nameOf(name),
      width: 13,
      align: 'right',
      text: (report) => report[name]?.amount ?? '',
      cell: (report) => (report[name] ? format.amount(report[name].amount) : '–'),
      title: (report) => (report[name] ? format.exact(report[name]) : ''),
    })
    const day: Column<PositionReport> = {
      id: 'as_of',
      header: nameOf('as_of'),
      width: 12.5,
      text: dayOf,
    }
    const source: Column<PositionReport> = {
      id: 'source',
      header: t('allocation.source'),
      width: 9,
      text: (report) => t(`allocation.${report.source}`),
    }
    const correct: Column<PositionReport> = {
      id: 'correct',
      header: t('allocation.act'),
      width: 11,
      text: () => '',
      cell: (report) => (
        <button
          type="button"
          className="text-accent hover:underline"
          aria-label={entryWords('report.correctOf', { date: report.as_of })}
          onClick={() => onCorrect?.(report.as_of)}
        >
          {entryWords('report.correct')}
        </button>
      ),
    }
    return [day, ...AMOUNTS.map(amount), source, ...(onCorrect ? [correct] : [])]
  }, [t, entryWords, nameOf, format, onCorrect])
}
