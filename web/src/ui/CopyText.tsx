import { CopyButton } from './CopyButton'

interface CopyTextProps {
  label: string
  copyLabel: string
  /** What a copy gives. */
  text: string
  /** What the eye sees, where that differs. */
  shown?: string
}

/** A text that nobody types: to be read, selected and copied whole. */
export function CopyText({ label, copyLabel, text, shown = text }: CopyTextProps) {
  return (
    <div className="flex items-center gap-2 rounded-md border border-edge bg-sunken py-1.5 pr-1.5 pl-3">
      <code aria-label={label} className="min-w-0 flex-1 font-mono text-xs break-all">
        {shown}
      </code>
      <CopyButton text={text} label={copyLabel} />
    </div>
  )
}
