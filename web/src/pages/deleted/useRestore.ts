import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { restoreThing, type Thing } from '../../api/deleted'
import { applyFundEvent } from '../../api/fundEvents'
import { createKeys } from '../../api/once'
import { asProblem } from '../../api/problem'
import { useTranslation } from 'react-i18next'
import { toast, toastProblem } from '../../ui/toasts'
import { eventOf } from './eventOf'

type Deleted = Thing & { name: string; fund?: { id: string }; fund_id?: string | undefined }

/** Bring something back that was deleted; what became of it is said in a toast. */
export function useRestore(slug: string) {
  const { t } = useTranslation('deleted')
  const queryClient = useQueryClient()
  const [keyOf] = useState(createKeys)
  return useMutation({
    // Deleted and restored twice, it is another request the second time.
    mutationFn: (thing: Deleted & { deleted_at?: string }) =>
      restoreThing(slug, thing, keyOf([thing.kind, thing.id, thing.deleted_at])),
    onSuccess: (_, thing) => {
      applyFundEvent(queryClient, slug, eventOf(thing, 'restored'))
      toast(t(`restore.done.${thing.kind}`, { name: thing.name }))
    },
    onError: (error) => toastProblem(asProblem(error)),
  })
}
