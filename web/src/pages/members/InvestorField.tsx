import { useInfiniteQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'

import { investorsQuery } from '../../api/investors'
import { SelectField } from '../../ui/Field'

interface InvestorFieldProps {
  slug: string
  error: string | undefined
}

/** Whose rows an outside person will see. */
export function InvestorField({ slug, error }: InvestorFieldProps) {
  const { t } = useTranslation('members')
  const investors = useInfiniteQuery(investorsQuery(slug)).data?.pages.flatMap((page) => page.items)
  return (
    <SelectField
      name="investor"
      label={t('invite.investor')}
      required
      error={error}
      defaultValue=""
    >
      <option value="" disabled>
        {t('invite.chooseInvestor')}
      </option>
      {investors?.map((investor) => (
        <option key={investor.id} value={investor.id}>
          {investor.name}
        </option>
      ))}
    </SelectField>
  )
}
