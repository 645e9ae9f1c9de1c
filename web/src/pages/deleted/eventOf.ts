import type { Thing } from '../../api/deleted'

/** What the server will say of it too, so that the one who did it sees it at once. */
export function eventOf(
  { kind, id, fund, fund_id = fund?.id }: Thing & { fund?: { id: string }; fund_id?: string | undefined },
  what: 'deleted' | 'restored',
) {
  const data =
    kind === 'fund'
      ? { fund_id: id }
      : kind === 'investor'
        ? { investor_id: id }
        : { allocation_id: id, fund_id }
  return { kind: `${kind}.${what}`, data }
}
