import type { ButtonHTMLAttributes } from 'react'

const LOOKS = {
  primary:
    'bg-accent-fill text-on-accent hover:bg-accent-fill-hover border-transparent font-medium',
  secondary: 'bg-surface text-text hover:bg-hover border-line-strong',
  ghost: 'bg-transparent text-soft hover:bg-hover hover:text-text border-transparent',
  danger: 'bg-bad-fill text-on-accent hover:bg-bad-fill-hover border-transparent font-medium',
} as const

export type ButtonLook = keyof typeof LOOKS

/** The class of a button, for a link that looks like one. */
export function buttonClass(look: ButtonLook = 'secondary', extra = ''): string {
  const base =
    'inline-flex h-8 items-center justify-center gap-1.5 rounded-md border px-3 text-sm ' +
    'whitespace-nowrap select-none disabled:opacity-60'
  return `${base} ${LOOKS[look]} ${extra}`
}

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: ButtonLook
  /** The act is under way: the button keeps its place and its width, and says so. */
  busy?: boolean
}

export function Button({ look, busy, className, disabled, type = 'button', ...rest }: ButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      aria-busy={busy || undefined}
      disabled={disabled || busy}
      className={buttonClass(look, className)}
    />
  )
}
