// The names the console uses for the shapes of the contract. They are found by path and verb, which
// docs/api.md fixes, and not by what a generator calls a schema. `npm run gen` makes schema.d.ts.
import type { components, paths } from './schema'

type Json<Answer> = Answer extends { content: { 'application/json': infer Body } } ? Body : never

/** The body of the good answer of an operation. */
type Ok<Path extends keyof paths, Verb extends keyof paths[Path]> = paths[Path][Verb] extends {
  responses: infer Responses
}
  ? Json<Responses[keyof Responses & (200 | 201 | 202)]>
  : never

/** The body that an operation takes. */
type Sent<Path extends keyof paths, Verb extends keyof paths[Path]> = paths[Path][Verb] extends {
  requestBody: infer Body
}
  ? Json<Body>
  : never

type ItemOf<Page extends { items: readonly unknown[] }> = Page['items'][number]

export type Deployment = Ok<'/v1/deployment', 'get'>
/** A mail that a developer's machine kept instead of sending it. */
export type DevMail = ItemOf<Ok<'/v1/dev/mail', 'get'>>
export type DemoAccount = NonNullable<Deployment['demo']>[number]

export type Session = Ok<'/v1/session', 'get'>
/** What signing in answers: a session, or what else has to be shown first. */
export type SignIn = Ok<'/v1/session', 'post'>
/** A password was right, and a second factor is asked for. */
export type Challenge = Extract<SignIn, { challenge: string }>
export type SecondFactor = Ok<'/v1/second-factor', 'get'>
export type Enrolment = Ok<'/v1/second-factor', 'post'>
export type Membership = Session['memberships'][number]
export type Role = Membership['role']
export type SessionRow = ItemOf<Ok<'/v1/sessions', 'get'>>

export type Member = ItemOf<Ok<'/v1/t/{tenant}/members', 'get'>>
export type Invite = ItemOf<Ok<'/v1/t/{tenant}/invites', 'get'>>
export type CreatedInvite = Ok<'/v1/t/{tenant}/invites', 'post'>
export type InviteLookup = Ok<'/v1/invites/lookup', 'post'>

export type ApiKey = ItemOf<Ok<'/v1/t/{tenant}/api-keys', 'get'>>
export type NewApiKey = Sent<'/v1/t/{tenant}/api-keys', 'post'>
export type CreatedApiKey = Ok<'/v1/t/{tenant}/api-keys', 'post'>

export type TrailEntry = ItemOf<Ok<'/v1/t/{tenant}/audit-trail', 'get'>>
export type TrailProof = Ok<'/v1/t/{tenant}/audit-trail/proof', 'get'>

export type FundPage = Ok<'/v1/t/{tenant}/funds', 'get'>
export type FundRow = ItemOf<FundPage>
export type Positions = FundRow['positions']
export type Money = Positions['committed']
export type Fund = Ok<'/v1/t/{tenant}/funds/{fund}', 'get'>
export type Allocation = ItemOf<Ok<'/v1/t/{tenant}/funds/{fund}/allocations', 'get'>>
export type Tenant = Ok<'/v1/t/{tenant}', 'get'>
export type ModulePage = Tenant['pages'][number]
export type ModuleField = ModulePage['columns'][number]

export type Dashboard = Ok<'/v1/t/{tenant}/funds/{fund}/dashboard', 'get'>
/** What a fund is, without its figures. */
export type FundFacts = Dashboard['fund']
/** The figures of a day. */
export type Dated = Dashboard['history'][number]
export type InvestorShare = Dashboard['investors'][number]
/** The investors past the first hundred, together. */
export type Others = NonNullable<Dashboard['others']>
export type Portfolio = Ok<'/v1/t/{tenant}/portfolio', 'get'>
export type VintageShare = Portfolio['by_vintage'][number]

export type AllocationDetails = Ok<'/v1/t/{tenant}/allocations/{allocation}', 'get'>
export type PositionReport = AllocationDetails['reports'][number]
export type NewFund = Sent<'/v1/t/{tenant}/funds', 'post'>
export type FundChange = Sent<'/v1/t/{tenant}/funds/{fund}', 'patch'>
export type NewInvestor = Sent<'/v1/t/{tenant}/investors', 'post'>
export type NewAllocation = Sent<'/v1/t/{tenant}/funds/{fund}/allocations', 'post'>
export type AllocationChange = Sent<'/v1/t/{tenant}/allocations/{allocation}', 'patch'>
/** A report as it is sent: decimal texts in the currency of the fund. */
export type ReportEntry = NewAllocation['report']

export type InvestorRow = ItemOf<Ok<'/v1/t/{tenant}/investors', 'get'>>

/** Something that was deleted and can be restored. */
export type DeletedThing = ItemOf<Ok<'/v1/t/{tenant}/funds/deleted', 'get'>>

export type Import = Ok<'/v1/t/{tenant}/imports/{import}', 'get'>
export type ImportState = Import['state']
export type ImportRows = Import['rows']
export type ImportAccepted = Ok<'/v1/t/{tenant}/imports', 'post'>
export type Finding = ItemOf<Ok<'/v1/t/{tenant}/imports/{import}/findings', 'get'>>
export type Severity = Finding['severity']

/** The payload of `import.progress` and `import.finished`; event streams have no schema. */
export type ImportProgress = Pick<Import, 'state' | 'rows' | 'bytes_read' | 'bytes'> &
  Partial<Pick<Import, 'error'>>

export type ProblemBody = components['schemas']['Problem']
export type FieldError = NonNullable<ProblemBody['errors']>[number]
