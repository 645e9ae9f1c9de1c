import { yOf, type Plot } from './plot'
import type { Axis } from './scale'

interface GridProps {
  plot: Plot
  axis: Axis
  text: (figure: string) => string
}

/** The lines of the amounts. The one of zero is stronger: amounts are measured from there. */
export function Grid({ plot, axis, text }: GridProps) {
  return (
    <g>
      {axis.ticks.map((tick) => {
        const y = Math.round(yOf(plot, axis, tick)) + 0.5
        return (
          <g key={tick}>
            <line
              x1={plot.left}
              x2={plot.right}
              y1={y}
              y2={y}
              className={tick === '0' ? 'stroke-edge' : 'stroke-line'}
            />
            <text
              x={plot.left - 8}
              y={y}
              textAnchor="end"
              dominantBaseline="middle"
              className="fill-soft text-xs"
            >
              {text(tick)}
            </text>
          </g>
        )
      })}
    </g>
  )
}
