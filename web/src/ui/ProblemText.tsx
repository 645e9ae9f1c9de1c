import { useTranslation } from 'react-i18next'

import type { Problem } from '../api/problem'
import { CopyButton } from './CopyButton'
import { useFormat } from './format/useFormat'
import { problemWords } from './problemWords'

export function useProblemWords(problem: Problem) {
  const { t, i18n } = useTranslation()
  return problemWords(problem, t, (key) => i18n.exists(key), useFormat().duration)
}

/** What happened, what to do next, and the two words that let someone find it in a log. */
export function ProblemText({ problem }: { problem: Problem }) {
  const { t } = useTranslation()
  const { title, next } = useProblemWords(problem)
  const reference = [problem.code, problem.requestId].filter(Boolean).join(' ')
  return (
    <div className="max-w-[72ch]">
      <p className="font-medium">{title}</p>
      <p className="text-sm text-soft">{next}</p>
      {problem.requestId && (
        <p className="mt-1 flex items-center gap-1 text-xs text-soft">
          <code className="font-mono break-all">{reference}</code>
          <CopyButton text={reference} label={t('problemCopy')} />
        </p>
      )}
    </div>
  )
}
