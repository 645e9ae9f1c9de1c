import { useId, type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes } from 'react'

interface Labelled {
  label: string
  hint?: ReactNode
  error?: string | undefined
}

const CONTROL =
  'h-9 w-full rounded-md border bg-surface px-2.5 text-base text-text placeholder:text-faint ' +
  'disabled:opacity-60 '

const edge = (error: string | undefined) => (error ? 'border-bad' : 'border-edge')

interface FrameProps extends Labelled {
  id: string
  children: ReactNode
}

/** Label above, control, then what is wrong or what helps: the one shape of every form field. */
function FieldFrame({ id, label, hint, error, children }: FrameProps) {
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      {children}
      {hint && (
        <p id={`${id}-hint`} className="text-xs text-soft">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} className="text-xs text-bad">
          {error}
        </p>
      )}
    </div>
  )
}

const describedBy = (id: string, hint: ReactNode, error: string | undefined) =>
  [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || undefined

type TextFieldProps = Labelled &
  InputHTMLAttributes<HTMLInputElement> & {
    name: string
    /** Stands inside the field, at its end. */
    unit?: string | undefined
  }

export function TextField({ label, hint, error, unit, className = '', ...input }: TextFieldProps) {
  const id = useId()
  const control = (
    <input
      {...input}
      id={id}
      aria-invalid={error ? true : undefined}
      aria-describedby={describedBy(id, hint, error)}
      className={`${CONTROL}${edge(error)} ${unit ? 'pr-14 text-right figures' : ''} ${className}`}
    />
  )
  return (
    <FieldFrame id={id} label={unit ? `${label} (${unit})` : label} hint={hint} error={error}>
      {unit ? <InUnit unit={unit}>{control}</InUnit> : control}
    </FieldFrame>
  )
}

function InUnit({ unit, children }: { unit: string; children: ReactNode }) {
  return (
    <span className="relative">
      {children}
      <span aria-hidden="true" className="absolute top-2 right-2.5 text-sm text-soft">
        {unit}
      </span>
    </span>
  )
}

type SelectFieldProps = Labelled & SelectHTMLAttributes<HTMLSelectElement> & { name: string }

export function SelectField({ label, hint, error, className = '', ...select }: SelectFieldProps) {
  const id = useId()
  return (
    <FieldFrame id={id} label={label} hint={hint} error={error}>
      <select
        {...select}
        id={id}
        aria-invalid={error ? true : undefined}
        aria-describedby={describedBy(id, hint, error)}
        className={CONTROL + edge(error) + ' ' + className}
      />
    </FieldFrame>
  )
}

type BareInputProps = InputHTMLAttributes<HTMLInputElement> & { 'aria-label': string }

/** A control in a toolbar or a table, where the label is not on the screen. */
export function BareInput({ className = '', ...input }: BareInputProps) {
  return (
    <input
      {...input}
      className={
        'h-8 rounded-md border border-edge bg-surface px-2.5 text-sm placeholder:text-faint ' +
        className
      }
    />
  )
}

type BareSelectProps = SelectHTMLAttributes<HTMLSelectElement> & { 'aria-label': string }

export function BareSelect({ className = '', ...select }: BareSelectProps) {
  return (
    <select
      {...select}
      className={
        'h-7 rounded-md border border-line-strong bg-surface px-1.5 text-sm disabled:opacity-60 ' +
        className
      }
    />
  )
}
