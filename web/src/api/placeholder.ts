import type { QueryKey } from '@tanstack/react-query'

/**
 * What is on the screen stays there until the answer to a new question is here, but never into
 * another tenant, nor out of what else the keys must have in common.
 */
export function keepWithin(tenant: string, ...rest: string[]) {
  const common = ['t', tenant, ...rest]
  return <T>(shown: T | undefined, asked: { queryKey: QueryKey } | undefined): T | undefined =>
    common.every((part, at) => asked?.queryKey[at] === part) ? shown : undefined
}
