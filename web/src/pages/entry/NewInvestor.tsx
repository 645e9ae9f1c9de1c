import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { createInvestor } from '../../api/dashboard'
import { applyFundEvent } from '../../api/fundEvents'
import { TextField } from '../../ui/Field'
import { fieldError } from '../../ui/Form'
import { toast } from '../../ui/toasts'
import { EntryDialog } from './EntryDialog'
import { refuse } from './faults'
import { useCreate } from './useCreate'
import { useFaults } from './useFaults'
import { useFieldName } from './useFieldName'

export default function NewInvestor({ slug, onClose }: { slug: string; onClose: () => void }) {
  const { t } = useTranslation('entry')
  const { t: commonWords } = useTranslation()
  const nameOf = useFieldName()
  const queryClient = useQueryClient()
  const faults = useFaults()
  const [name, setName] = useState('')
  const create = useCreate({
    send: (key, body: { name: string }) => createInvestor(slug, key, body),
    onDone: (investor) => {
      applyFundEvent(queryClient, slug, { kind: 'investor.created', data: null })
      toast(t('investor.created', { name: investor.name }))
      onClose()
    },
  })
  const read = () => {
    refuse(name.trim() === '' ? [faults.of('name', 'missing')] : [])
    return { name: name.trim() }
  }
  return (
    <EntryDialog
      title={t('investor.new')}
      action={commonWords('form.create')}
      problem={create.problem}
      busy={create.busy}
      onSubmit={() => create.submit(read)}
      onClose={onClose}
    >
      <TextField
        name="name"
        label={nameOf('name')}
        value={name}
        onChange={({ target }) => setName(target.value)}
        autoComplete="off"
        maxLength={200}
        error={fieldError(create.problem, 'name')}
      />
    </EntryDialog>
  )
}
