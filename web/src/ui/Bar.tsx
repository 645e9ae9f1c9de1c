interface BarProps {
  /** Share in thousandths; what passes the whole is a full bar in a stronger tone. */
  perMille: number | null
  className?: string
}

/** A bar behind a figure. The figure says the same, so the bar is silent. */
export function Bar({ perMille, className = 'w-14' }: BarProps) {
  const share = Math.min(1000, Math.max(0, perMille ?? 0))
  const over = (perMille ?? 0) > 1000
  return (
    <span
      aria-hidden="true"
      className={`block h-1.5 overflow-hidden rounded-full bg-track ${className}`}
    >
      <span
        className={`block h-full rounded-full ${over ? 'bg-bar-over' : 'bg-bar'}`}
        style={{ width: `${share / 10}%` }}
      />
    </span>
  )
}
