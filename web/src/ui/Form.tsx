import { useEffect, useRef, type FormEvent, type KeyboardEvent, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

import type { Problem } from '../api/problem'
import { ProblemText } from './ProblemText'

interface FormProps {
  /** What was typed; the form itself keeps it, so a refusal loses nothing. */
  onSubmit: (values: FormData) => void
  problem?: Problem | null
  busy?: boolean
  children: ReactNode
  className?: string
  label?: string
}

/** A form whose refusals are told at once, in words, at the top, where the focus then is. */
export function Form({ onSubmit, problem, busy, children, className = '', label }: FormProps) {
  const form = useRef<HTMLFormElement>(null)

  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!busy && form.current) onSubmit(new FormData(form.current))
  }
  const submitByKey = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.current?.requestSubmit()
  }
  const focusField = (name: string) => {
    const field = form.current?.elements.namedItem(name)
    if (field instanceof HTMLElement) field.focus()
  }

  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- a form's shortcut
    <form
      ref={form}
      aria-label={label}
      onSubmit={submit}
      onKeyDown={submitByKey}
      className={`flex flex-col gap-4 ${className}`}
    >
      {problem && <ErrorSummary problem={problem} onField={focusField} />}
      {children}
    </form>
  )
}

interface ErrorSummaryProps {
  problem: Problem
  onField: (name: string) => void
}

function ErrorSummary({ problem, onField }: ErrorSummaryProps) {
  const { t } = useTranslation()
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => box.current?.focus(), [problem])

  return (
    <div
      ref={box}
      role="alert"
      tabIndex={-1}
      className="rounded-md border border-bad bg-bad-soft px-3 py-2"
    >
      <ProblemText problem={problem} />
      {problem.fields.length > 0 && (
        <ul className="mt-1 list-disc pl-5 text-sm" aria-label={t('form.fieldsAtFault')}>
          {problem.fields.map((field) => (
            <li key={field.field + field.code}>
              <button
                type="button"
                className="cursor-pointer text-left text-bad underline"
                onClick={() => onField(field.field)}
              >
                {field.message}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

/** What the server said about one field. */
export function fieldError(problem: Problem | null | undefined, name: string): string | undefined {
  return problem?.fields.find((field) => field.field === name)?.message
}
