import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'

import { trailProofQuery } from '../../api/trail'
import type { TrailProof } from '../../api/types'
import { Badge } from '../../ui/Badge'
import { useFormat } from '../../ui/format/useFormat'
import { Icon } from '../../ui/icons'

/** Whether every entry is as it was written; read when the page is opened, and when somebody asks. */
export function ProofBadge({ slug }: { slug: string }) {
  const { t } = useTranslation('trail')
  const format = useFormat()
  const { data, isError, isFetching, dataUpdatedAt, refetch } = useQuery(trailProofQuery(slug))
  const readAt = dataUpdatedAt ? format.instant(new Date(dataUpdatedAt).toISOString()) : undefined
  return (
    <>
      <span role="status" title={readAt}>
        <Verdict proof={data} failed={isError} reading={isFetching} />
      </span>
      <button
        type="button"
        disabled={isFetching}
        onClick={() => void refetch()}
        className="h-6 rounded px-1.5 text-xs text-soft hover:text-text hover:underline disabled:opacity-60"
      >
        {t('proof.again')}
      </button>
    </>
  )
}

interface VerdictProps {
  proof: TrailProof | undefined
  failed: boolean
  reading: boolean
}

function Verdict({ proof, failed, reading }: VerdictProps) {
  const { t } = useTranslation('trail')
  if (reading) return <Badge>{t('proof.reading')}</Badge>
  // What an older answer said is no verdict about what is there now.
  if (failed || !proof) {
    return (
      <Badge tone="warn">
        <Icon name="warning" className="size-3.5" />
        {t('proof.unknown')}
      </Badge>
    )
  }
  if (proof.whole) {
    return (
      <Badge tone="good">
        <Icon name="check" className="size-3.5" />
        {t('proof.whole', { count: Number(proof.entries) })}
      </Badge>
    )
  }
  return (
    <Badge tone="bad">
      <Icon name="error" className="size-3.5" />
      {t('proof.broken', { seq: proof.broken_at ?? '' })}
    </Badge>
  )
}

/** What is wrong with a chain that is broken, and what to do; nothing where it is whole. */
export function BrokenChain({ slug }: { slug: string }) {
  const { t } = useTranslation('trail')
  const proof = useQuery(trailProofQuery(slug)).data
  if (!proof || proof.whole) return null
  const { fault, broken_at } = proof
  const isKnown = fault === 'changed' || fault === 'missing' || fault === 'cut'
  return (
    <p role="alert" className="max-w-[72ch] text-xs text-bad">
      {isKnown && t(`proof.${fault}`, { seq: broken_at ?? '' })} {t('proof.next')}
    </p>
  )
}
