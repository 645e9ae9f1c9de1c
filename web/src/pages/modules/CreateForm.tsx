import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { createInModule, moduleListQuery, type ModuleRow } from '../../api/modulePages'
import type { Problem } from '../../api/problem'
import { renew } from '../../api/renew'
import { tenantQuery } from '../../api/tenant'
import type { ModuleField, ModulePage } from '../../api/types'
import { TextField } from '../../ui/Field'
import { fieldError } from '../../ui/Form'
import { MoneyField } from '../../ui/MoneyField'
import { toast } from '../../ui/toasts'
import { EntryDialog } from '../entry/EntryDialog'
import { refuse } from '../entry/faults'
import { useCreate } from '../entry/useCreate'
import { readFields } from './readFields'

interface CreateFormProps {
  slug: string
  entry: ModulePage
  onClose: () => void
}

/** The form that a module asks for. */
export default function CreateForm({ slug, entry, onClose }: CreateFormProps) {
  const { t, i18n } = useTranslation('pages')
  const { t: entryWords } = useTranslation('entry')
  const { t: commonWords } = useTranslation()
  const queryClient = useQueryClient()
  const currency = useQuery(tenantQuery(slug)).data?.currency ?? ''
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>({})
  const fields = entry.create ?? []
  const create = useCreate<ModuleRow, ModuleRow>({
    send: (key, body) => createInModule(slug, entry, key, body),
    onDone: () => {
      renew(queryClient, moduleListQuery(slug, entry).queryKey)
      toast(t('created'))
      onClose()
    },
  })
  const read = () => {
    const { body, faults } = readFields(fields, texts, {
      locale: i18n.language,
      currency,
      missing: (field) => entryWords('fault.missing', { field }),
      noAmount: (field, fault) =>
        entryWords('fault.amount', {
          field,
          fault: commonWords(`amount.${fault}`, { example: '1234.50', currency }),
        }),
    })
    refuse(faults)
    return body
  }
  return (
    <EntryDialog
      title={entry.title}
      action={commonWords('form.create')}
      problem={create.problem}
      busy={create.busy}
      onSubmit={() => create.submit(read)}
      onClose={onClose}
    >
      {fields.map((field) => (
        <ModuleInput
          key={field.field}
          field={field}
          currency={currency}
          value={texts[field.field] ?? ''}
          onChange={(text) => setTexts((now) => ({ ...now, [field.field]: text }))}
          problem={create.problem}
        />
      ))}
    </EntryDialog>
  )
}

interface ModuleInputProps {
  field: ModuleField
  currency: string
  value: string
  onChange: (text: string) => void
  problem: Problem | null
}

function ModuleInput({ field, currency, value, onChange, problem }: ModuleInputProps) {
  const common = {
    name: field.field,
    label: field.title,
    value,
    error: fieldError(problem, field.field),
  }
  if (field.kind === 'money') {
    return <MoneyField {...common} currency={currency} onChange={onChange} />
  }
  return (
    <TextField
      {...common}
      {...(field.kind === 'date' ? { type: 'date' } : {})}
      {...(field.kind === 'number' ? { inputMode: 'decimal' as const } : {})}
      autoComplete="off"
      onChange={({ target }) => onChange(target.value)}
    />
  )
}
