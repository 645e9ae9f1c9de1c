import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { createFund } from '../../api/dashboard'
import type { FundFacts, NewFund as Entry } from '../../api/types'
import { applyFundEvent } from '../../api/fundEvents'
import { tenantQuery } from '../../api/tenant'
import { TextField } from '../../ui/Field'
import { fieldError } from '../../ui/Form'
import { toast } from '../../ui/toasts'
import { EntryDialog } from './EntryDialog'
import { refuse } from './faults'
import { FundFields } from './FundFields'
import { fundTextsOf, readFund } from './fundTexts'
import { useCreate } from './useCreate'
import { useFaults } from './useFaults'
import { useFieldName } from './useFieldName'

export default function NewFund({ slug, onClose }: { slug: string; onClose: () => void }) {
  const { t } = useTranslation('entry')
  const { t: commonWords } = useTranslation()
  const nameOf = useFieldName()
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  const faults = useFaults()
  const own = useQuery(tenantQuery(slug)).data?.currency
  const [texts, setTexts] = useState(() => fundTextsOf({}))
  const [typed, setTyped] = useState<string>()
  const currency = (typed ?? own ?? '').trim().toUpperCase()

  const create = useCreate<Entry, FundFacts>({
    send: (key, body) => createFund(slug, key, body),
    onDone: (fund) => {
      applyFundEvent(queryClient, slug, { kind: 'fund.created', data: { fund_id: fund.id } })
      toast(t('fund.created', { name: fund.name }))
      onClose()
      void navigate({ to: '/t/$slug/funds/$fund', params: { slug, fund: fund.id } })
    },
  })
  const read = (): Entry => {
    const { change, faults: found } = readFund(texts, faults)
    if (!/^[A-Z]{3}$/.test(currency)) found.push(faults.of('currency', 'currency'))
    refuse(found)
    return { ...change, name: change.name ?? '', currency }
  }
  return (
    <EntryDialog
      title={t('fund.new')}
      action={commonWords('form.create')}
      problem={create.problem}
      busy={create.busy}
      onSubmit={() => create.submit(read)}
      onClose={onClose}
    >
      <FundFields
        texts={texts}
        set={(field, text) => setTexts((now) => ({ ...now, [field]: text }))}
        problem={create.problem}
      />
      <TextField
        name="currency"
        label={nameOf('currency')}
        hint={t('fund.currencyHint')}
        value={typed ?? own ?? ''}
        onChange={({ target }) => setTyped(target.value)}
        autoComplete="off"
        maxLength={3}
        className="max-w-32 uppercase"
        error={fieldError(create.problem, 'currency')}
      />
    </EntryDialog>
  )
}
