import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'

import { secondFactorPolicyQuery } from '../../api/secondFactor'
import type { Role } from '../../api/types'
import { Button } from '../../ui/Button'

const FactorPolicy = lazy(() => import('./FactorPolicy'))

/** Whether staff need a second factor, and the way to change that. */
export function FactorPolicyButton({ slug, ownRole }: { slug: string; ownRole: Role }) {
  const { t } = useTranslation('members')
  const query = useQuery(secondFactorPolicyQuery(slug))
  const [open, setOpen] = useState(false)
  const required = query.data?.required
  return (
    <>
      <Button disabled={required === undefined} onClick={() => setOpen(true)}>
        {required ? t('factor.isRequired') : t('factor.isOptional')}
      </Button>
      <Suspense>
        {open && required !== undefined && (
          <FactorPolicy
            slug={slug}
            ownRole={ownRole}
            required={required}
            onClose={() => setOpen(false)}
          />
        )}
      </Suspense>
    </>
  )
}
