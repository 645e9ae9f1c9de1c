import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

import type { FundFacts } from '../../api/types'
import { Changing } from '../../ui/Changing'

interface FundHeadingProps {
  slug: string
  /** Undefined while it is being read. */
  fund: Pick<FundFacts, 'id' | 'name' | 'currency' | 'vintage' | 'strategy' | 'manager'> | undefined
  narrow?: boolean | undefined
  /** What else there is to say, after what the fund is. */
  more?: readonly string[]
  children?: ReactNode
}

/** What a fund is: its name, and who manages what. */
export function FundHeading({ slug, fund, narrow, more = [], children }: FundHeadingProps) {
  const { t } = useTranslation('funds')
  const Heading = narrow ? 'h2' : 'h1'
  const vintage = fund?.vintage ? t('vintage', { year: fund.vintage }) : ''
  const about = [fund?.manager, fund?.strategy, vintage, fund?.currency, ...more].filter(Boolean)
  return (
    <div className="min-w-64 flex-1">
      {!narrow && (
        <Link to="/t/$slug/funds" params={{ slug }} className="text-sm text-accent hover:underline">
          {t('title')}
        </Link>
      )}
      <div className="flex items-center gap-3">
        <Heading className={`font-semibold tracking-tight ${narrow ? 'text-lg' : 'text-xl'}`}>
          {fund ? (
            <Changing text={fund.name} of={fund.id} />
          ) : (
            <span className="skeleton my-1.5 h-4 w-64" />
          )}
        </Heading>
        {children}
      </div>
      <p className="text-sm text-soft">
        {fund ? (
          <Changing text={about.join(' · ')} of={fund.id} />
        ) : (
          <span className="skeleton my-1 h-3 w-48" />
        )}
      </p>
    </div>
  )
}
