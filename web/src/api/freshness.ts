/**
 * How long an answer counts as fresh, in ms. Every query names one of these; none relies on a
 * default, so that the age a page may have is a decision someone made.
 */
export const STALE_MS = {
  /** Changes with a release. */
  deployment: 60 * 60_000,
  /** Who I am and where I belong. */
  session: 60_000,
  /** Amounts change with an import. */
  positions: 60_000,
  /** People and invitations. */
  members: 30_000,
  /** Imports move; the event stream brings what is newer. */
  imports: 5_000,
  /** Findings of a finished import never change. */
  findings: 10 * 60_000,
} as const
