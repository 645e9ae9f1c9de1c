import { Problem } from '../../api/problem'
import type { FieldError } from '../../api/types'

/** Faults that are found before anything is sent, thrown as the refusal that they would meet. */
export function refuse(errors: readonly FieldError[]): void {
  if (errors.length === 0) return
  const body = { type: 'about:blank', title: 'invalid', status: 422, code: 'invalid' }
  throw new Problem({ ...body, errors: [...errors] })
}
