import { useId } from 'react'
import { useTranslation } from 'react-i18next'

import { asProblem } from '../../api/problem'
import { ProblemText } from '../../ui/ProblemText'
import { byArea } from './scopes'

interface ScopeFieldProps {
  /** Undefined while they are being read. */
  scopes: readonly string[] | undefined
  unread: Error | null
  error: string | undefined
}

/** What a key may: for each area a row, reading and changing apart. */
export function ScopeField({ scopes, unread, error }: ScopeFieldProps) {
  const { t } = useTranslation('keys')
  const wrong = useId()
  return (
    <fieldset aria-describedby={error ? wrong : undefined} className="flex flex-col gap-1">
      <legend className="mb-1 text-sm font-medium">{t('column.scopes')}</legend>
      <div
        className={`grid min-h-24 grid-cols-[1fr_auto_auto] content-start items-center gap-x-6 rounded-md border px-3 py-1.5 ${error ? 'border-bad' : 'border-edge'}`}
      >
        {unread && <ProblemText problem={asProblem(unread)} />}
        {byArea(scopes ?? []).map(({ area, scopes: own }) => (
          <div key={area} className="contents">
            <code className="font-mono text-xs">{area}</code>
            {own.map(({ scope, access }) => (
              <label key={scope} className="flex h-7 items-center gap-1.5 text-sm">
                <input type="checkbox" name="scopes" value={scope} className="accent-accent-fill" />
                <span className="sr-only">{area}: </span>
                {access === 'read' || access === 'write' ? t(`access.${access}`) : access}
              </label>
            ))}
          </div>
        ))}
      </div>
      {error && (
        <p id={wrong} className="text-xs text-bad">
          {error}
        </p>
      )}
    </fieldset>
  )
}
