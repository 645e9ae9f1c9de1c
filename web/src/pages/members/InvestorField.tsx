import { useTranslation } from 'react-i18next'

import { SelectField } from '../../ui/Field'
import { useAllInvestors } from '../entry/useAllInvestors'

interface InvestorFieldProps {
  slug: string
  error: string | undefined
}

/** Whose rows an outside person will see. */
export function InvestorField({ slug, error }: InvestorFieldProps) {
  const { t } = useTranslation('members')
  const investors = useAllInvestors(slug)
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
      {investors.map((investor) => (
        <option key={investor.id} value={investor.id}>
          {investor.name}
        </option>
      ))}
    </SelectField>
  )
}
