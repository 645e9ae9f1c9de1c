/** The sign of the product: a beam held up from below. */
export function Mark() {
  return (
    <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" className="shrink-0">
      <rect width="20" height="20" rx="5" className="fill-accent-fill" />
      <path
        d="M5.5 4.5v4.8a4.5 4.5 0 0 0 9 0V4.5M5.5 16.6h9"
        fill="none"
        strokeWidth="1.9"
        strokeLinecap="round"
        className="stroke-on-accent"
      />
    </svg>
  )
}
