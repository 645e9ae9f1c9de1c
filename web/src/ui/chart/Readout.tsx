import { toneClass } from './plot'

export interface ReadFigure {
  id: string
  name: string
  text: string
  tone: number
  dashed?: boolean
}

interface ReadoutProps {
  day: string
  figures: readonly ReadFigure[]
  /** The names are nowhere else; otherwise they give way where there is little room. */
  named?: boolean
}

/** The figures of the place that is pointed at, or else of the last one. */
export function Readout({ day, figures, named }: ReadoutProps) {
  return (
    <p
      aria-hidden="true"
      className="figures flex h-6 shrink-0 items-center gap-3 overflow-hidden text-xs whitespace-nowrap"
    >
      <span className="text-soft">{day}</span>
      {figures.map((figure) => (
        <span key={figure.id} className="flex items-center gap-1.5">
          <span
            className={`w-3 border-t-2 border-current ${figure.dashed ? 'border-dashed' : ''} ${toneClass(figure.tone)}`}
          />
          <span className={`text-soft ${named ? '' : 'hidden @2xl:inline'}`}>{figure.name}</span>
          {figure.text}
        </span>
      ))}
    </p>
  )
}
