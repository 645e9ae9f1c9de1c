import type { Positions } from '../../api/types'
import { Bar } from '../../ui/Bar'
import { perMille } from '../../ui/format/decimal'
import { useFormat } from '../../ui/format/useFormat'

export const calledPerMille = ({ called, committed }: Positions) =>
  perMille(called.amount, committed.amount)

/** How much of the commitment has been called, as a bar and as a figure. */
export function CalledShare({ positions }: { positions: Positions }) {
  const share = calledPerMille(positions)
  return (
    <span className="flex items-center justify-end gap-2">
      <Bar perMille={share} className="w-10" />
      <span className="w-[7.5ch] text-right">{useFormat().perMille(share)}</span>
    </span>
  )
}
