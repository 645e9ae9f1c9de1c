import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'

import { readFund } from '../../api/dashboard'
import { fundQuery } from '../../api/funds'
import { asProblem } from '../../api/problem'
import { toastProblem } from '../../ui/toasts'
import DeleteDialog from './DeleteDialog'

interface DeleteFundProps {
  slug: string
  fund: string
  onDone: () => void
  onClose: () => void
}

/** Ask before a fund is deleted, with all its allocations: also those that have no report by the day that is shown. */
export default function DeleteFund({ slug, fund, onDone, onClose }: DeleteFundProps) {
  const { data, error } = useQuery(fundQuery(slug, fund))
  useEffect(() => {
    if (!error) return
    toastProblem(asProblem(error))
    onClose()
  }, [error, onClose])
  if (!data) return null
  return (
    <DeleteDialog
      slug={slug}
      thing={{ kind: 'fund', id: fund, name: data.name, allocations: data.allocations }}
      // The version of a fund is what its ETag says.
      readTag={async (again) => (again ? (await readFund(slug, fund)).etag : `"${data.version}"`)}
      onDone={onDone}
      onClose={onClose}
    />
  )
}
