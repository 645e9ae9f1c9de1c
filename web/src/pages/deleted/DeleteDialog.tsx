import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'

import { deleteThing, type Thing } from '../../api/deleted'
import { deploymentQuery } from '../../api/deployment'
import { applyFundEvent } from '../../api/fundEvents'
import { asProblem, Problem } from '../../api/problem'
import { useTranslation } from 'react-i18next'
import { ConfirmDialog } from '../../ui/ConfirmDialog'
import { toast } from '../../ui/toasts'
import { eventOf } from './eventOf'
import { useRestore } from './useRestore'

interface DeleteDialogProps {
  slug: string
  thing: Thing & {
    /** Of an allocation, that of its investor. */
    name: string
    /** Of an allocation. */
    fund?: { id: string; name: string }
    /** How many allocations go with a fund. */
    allocations?: number
  }
  /** The tag of the thing as it is shown; a later one if somebody changed it. */
  readTag: (again: boolean) => Promise<string>
  onDone: () => void
  onClose: () => void
}

/** From so many allocations on, the name of what goes has to be typed. */
const TYPED_FROM = 11

/** Ask before something is deleted: what goes with it, and for how long it can be brought back. */
export default function DeleteDialog({ slug, thing, readTag, onDone, onClose }: DeleteDialogProps) {
  const { t } = useTranslation('deleted')
  const queryClient = useQueryClient()
  const days = useQuery(deploymentQuery).data?.deleted_days
  const restore = useRestore(slug)
  const { kind, name, allocations = 0 } = thing
  const remove = useMutation({
    mutationFn: async (again: boolean) => deleteThing(slug, thing, await readTag(again)),
    onSuccess: () => {
      applyFundEvent(queryClient, slug, eventOf(thing, 'deleted'))
      toast(t(`delete.done.${kind}`, { name }), {
        label: t('delete.undo'),
        run: () => restore.mutate(thing),
      })
      onDone()
    },
  })
  const { error } = remove
  // Somebody changed it meanwhile: that is said, and deleting what it is now is a decision of its own.
  const changed = error instanceof Problem && error.code === 'version_conflict'
  const goes = () => {
    if (kind !== 'fund') return t(`delete.goes.${kind}`, { fund: thing.fund?.name })
    if (allocations === 0) return t('delete.goes.emptyFund')
    return t('delete.goes.fund', { count: allocations, shown: allocations })
  }
  return (
    <ConfirmDialog
      title={t(`delete.title.${kind}`, { name })}
      consequence={[goes(), days && t('delete.kept', { count: days })].filter(Boolean).join(' ')}
      {...(allocations >= TYPED_FROM ? { word: name } : {})}
      action={remove.isPending ? t('delete.busy') : t('delete.confirm')}
      busy={remove.isPending}
      problem={error ? asProblem(error) : null}
      onConfirm={() => remove.mutate(changed)}
      onClose={onClose}
    />
  )
}
