import { useTranslation } from 'react-i18next'

import { asProblem } from '../api/problem'
import { Button } from './Button'
import { Icon } from './icons'
import { ProblemText } from './ProblemText'

interface ProblemViewProps {
  error: unknown
  onRetry?: (() => void) | undefined
}

/** A part of a page that could not be read. */
export function ProblemView({ error, onRetry }: ProblemViewProps) {
  const { t } = useTranslation()
  return (
    <div role="alert" className="flex gap-3 px-5 py-6">
      <Icon name="error" className="mt-0.5 text-bad" />
      <div className="flex flex-col items-start gap-3">
        <ProblemText problem={asProblem(error)} />
        {onRetry && <Button onClick={onRetry}>{t('retry')}</Button>}
      </div>
    </div>
  )
}
