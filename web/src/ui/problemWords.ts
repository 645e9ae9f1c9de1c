import type { TFunction } from 'i18next'

import type { Problem } from '../api/problem'
import type common from '../locales/en/common.json'

type KnownCode = keyof typeof common.problem

export interface ProblemWords {
  title: string
  /** What the reader can do now. */
  next: string
}

/** The words of a problem, by its code; a code from a newer server speaks for itself. */
export function problemWords(
  problem: Problem,
  t: TFunction<'common'>,
  has: (key: string) => boolean,
  duration: (seconds: number) => string,
): ProblemWords {
  const code = problem.code as KnownCode
  if (!has(`problem.${code}.title`)) {
    return { title: problem.message, next: problem.detail ?? t('problem.internal.next') }
  }
  const wait = problem.retryAfterSeconds
  const next =
    wait === undefined ? t(`problem.${code}.next`) : t('problemWait', { duration: duration(wait) })
  return { title: t(`problem.${code}.title`), next }
}
