interface SegmentsProps<T extends string> {
  label: string
  value: T
  choices: readonly { value: T; text: string }[]
  onChoose: (value: T) => void
}

/** One of a few, all in sight. */
export function Segments<T extends string>({ label, value, choices, onChoose }: SegmentsProps<T>) {
  return (
    <div role="group" aria-label={label} className="flex rounded-md bg-sunken p-0.5">
      {choices.map((choice) => (
        <button
          key={choice.value}
          type="button"
          aria-pressed={choice.value === value}
          onClick={() => onChoose(choice.value)}
          className="h-7 rounded-[5px] px-2.5 text-sm text-soft hover:text-text aria-pressed:bg-surface aria-pressed:font-medium aria-pressed:text-text aria-pressed:shadow-[0_0_0_1px_var(--line-strong)]"
        >
          {choice.text}
        </button>
      ))}
    </div>
  )
}
