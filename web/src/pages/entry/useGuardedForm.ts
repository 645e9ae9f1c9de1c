import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'

import { asProblem, Problem } from '../../api/problem'
import { changedOf, rebase, type Base, type Conflict, type Texts } from './guarded'

interface GuardedInput<T extends Texts> {
  /** What the form began from; later reads of the same thing do not change it. */
  base: Base<T>
  /** Read the thing as it is now. */
  read: () => Promise<Base<T>>
  /** Send what was changed, on the condition that the thing is still what `etag` stands for. */
  send: (etag: string, texts: T, changed: Partial<T>) => Promise<void>
  /** It says what was typed, by us or by somebody else. */
  onDone: (sent: boolean) => void
}

export interface GuardedForm<T extends Texts> {
  texts: T
  set: (field: keyof T & string, text: string) => void
  conflicts: readonly Conflict[]
  problem: Problem | null
  busy: boolean
  submit: () => void
}

/**
 * A form whose change counts only if nobody changed the thing meanwhile.
 *
 * When somebody did, nothing that was typed is lost: the form says what changed and goes on from
 * there, so that sending it again is a decision and not an accident.
 */
export function useGuardedForm<T extends Texts>(input: GuardedInput<T>): GuardedForm<T> {
  const [base, setBase] = useState(input.base)
  const [texts, setTexts] = useState(input.base.texts)
  const [conflicts, setConflicts] = useState<readonly Conflict[]>([])

  const change = useMutation({
    mutationFn: async (): Promise<'sent' | 'same'> => {
      const changed = changedOf(base.texts, texts)
      if (Object.keys(changed).length === 0) return 'same'
      try {
        await input.send(base.etag, texts, changed)
        return 'sent'
      } catch (error) {
        if (!(error instanceof Problem) || error.code !== 'version_conflict') throw error
        const now = await input.read()
        const rebased = rebase(base.texts, texts, now.texts)
        setBase(now)
        setTexts(rebased.texts)
        setConflicts(rebased.conflicts)
        // After a lost answer the change of the other one may be our own.
        if (Object.keys(changedOf(now.texts, rebased.texts)).length === 0) return 'same'
        throw error
      }
    },
    onSuccess: (outcome) => input.onDone(outcome === 'sent'),
  })
  return {
    texts,
    set: (field, text) => setTexts((now) => ({ ...now, [field]: text })),
    conflicts,
    problem: change.error ? asProblem(change.error) : null,
    busy: change.isPending,
    submit: () => change.mutate(),
  }
}
