/** The colour of a tenant. Its name always stands beside it. */
export function Swatch({ accent }: { accent: string }) {
  return (
    <span
      aria-hidden="true"
      className="size-3 shrink-0 rounded-[3px] bg-line-strong"
      style={CSS.supports('color', accent) ? { background: accent } : undefined}
    />
  )
}
