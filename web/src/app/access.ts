import type { Role } from '../api/types'

/** What the console shows to a role. The server decides; this only hides what it would refuse. */
export const mayImport = (role: Role): boolean => role !== 'investor'
export const maySeeMembers = (role: Role): boolean => role !== 'investor'
/** Enter and correct allocations and investors. */
export const mayEnter = (role: Role): boolean => role !== 'investor'
export const maySeeInvestors = (role: Role): boolean => role !== 'investor'
export const mayAdminister = (role: Role): boolean => role === 'owner' || role === 'admin'

/** The roles that someone of this role may give. Only owners make owners. */
export function rolesToGive(role: Role): Role[] {
  if (role === 'owner') return ['owner', 'admin', 'member', 'investor']
  return role === 'admin' ? ['admin', 'member', 'investor'] : []
}

/** Whether the platform has a module; while that is not known, it has. */
export const hasArea = (tenant: { areas?: readonly string[] } | undefined, area: string): boolean =>
  tenant?.areas?.includes(area) ?? true
