import type { Problem } from '../../api/problem'
import { TextField } from '../../ui/Field'
import { fieldError } from '../../ui/Form'
import type { FundTexts } from './fundTexts'
import { useFieldName } from './useFieldName'

interface FundFieldsProps {
  texts: FundTexts
  set: (field: keyof FundTexts, text: string) => void
  problem: Problem | null
}

/** What can be said of a fund. */
export function FundFields({ texts, set, problem }: FundFieldsProps) {
  const nameOf = useFieldName()
  const field = (name: keyof FundTexts) => ({
    name,
    label: nameOf(name),
    value: texts[name],
    autoComplete: 'off',
    onChange: ({ target }: { target: HTMLInputElement }) => set(name, target.value),
    error: fieldError(problem, name),
  })
  return (
    <>
      <TextField {...field('name')} maxLength={200} />
      <TextField {...field('manager')} maxLength={200} />
      <TextField {...field('strategy')} maxLength={200} />
      <TextField {...field('vintage')} inputMode="numeric" maxLength={4} className="max-w-32" />
    </>
  )
}
