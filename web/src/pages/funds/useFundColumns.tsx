import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'

import type { FundRow } from '../../api/types'
import { useFormat } from '../../ui/format/useFormat'
import type { Column } from '../../ui/table/column'
import { positionColumns } from './positionColumns'

/** The columns of the fund list, from the name to the date of the latest report. */
export function useFundColumns(): Column<FundRow>[] {
  const { t } = useTranslation('funds')
  const format = useFormat()
  return useMemo(() => {
    const { amount, calledShare, tvpi } = positionColumns<FundRow>(
      t,
      format,
      (fund) => fund.positions,
      { sortable: true },
    )
    return [
      {
        id: 'name',
        header: t('column.name'),
        width: 27,
        sort: 'name',
        text: (fund) => fund.name,
        title: (fund) => [fund.name, fund.manager, fund.strategy].filter(Boolean).join(' · '),
      },
      {
        id: 'vintage',
        header: t('column.vintage'),
        width: 9,
        align: 'right',
        sort: 'vintage',
        text: (fund) => fund.vintage?.toString() ?? '',
      },
      { id: 'currency', header: t('column.currency'), width: 7, text: (fund) => fund.currency },
      amount('committed'),
      amount('called'),
      calledShare,
      amount('unfunded'),
      amount('distributed'),
      amount('value'),
      tvpi,
      {
        id: 'reported',
        header: t('column.reported'),
        width: 13.5,
        align: 'right',
        text: (fund) => fund.reported_as_of ?? '',
      },
    ]
  }, [t, format])
}
