// Sixteen-pixel line icons, drawn on one grid with one stroke.
const PATHS = {
  portfolio: 'M8 2.5a5.5 5.5 0 1 0 5.5 5.5H8zM10.5 2.9a5.5 5.5 0 0 1 2.6 2.6h-2.6z',
  list: 'M2.5 4h11M2.5 8h11M2.5 12h7',
  funds: 'M2.5 13.5h11M4 13.5v-5M8 13.5v-11M12 13.5v-8',
  imports: 'M8 2.5v7.5M5 7l3 3 3-3M2.5 11v2.5h11V11',
  investors: 'M2.5 13.5h11M3.5 6.5h9L8 2.5zM4.5 6.5v7M8 6.5v7M11.5 6.5v7',
  members:
    'M6 7.5a2.25 2.25 0 1 0 0-4.5 2.25 2.25 0 0 0 0 4.5zM2 13.5c0-2.2 1.8-3.7 4-3.7s4 1.5 4 3.7M10.5 3.2a2.2 2.2 0 0 1 0 4.1M11.8 10.1c1.4.5 2.2 1.7 2.2 3.4',
  account: 'M8 7.5A2.5 2.5 0 1 0 8 2.5a2.5 2.5 0 0 0 0 5zM3 13.5c0-2.4 2.2-4 5-4s5 1.6 5 4',
  keys: 'M6 10.5a2.5 2.5 0 1 0-5 0 2.5 2.5 0 0 0 5 0zM5.3 8.7L12 2M9.5 4.5l2.5 2.5',
  trail: 'M4 2.5h8v11H4zM6.3 5.5h3.4M6.3 8h3.4M6.3 10.5h2',
  deleted: 'M2.5 4.5h11M6 4.5v-2h4v2M4 4.5l.7 9h6.6l.7-9M6.7 7v4M9.3 7v4',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.3 10.3l3.2 3.2',
  close: 'M4 4l8 8M12 4l-8 8',
  check: 'M3 8.5l3.5 3.5L13 4.5',
  copy: 'M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z',
  chevron: 'M5 6.5l3 3 3-3',
  up: 'M8 13V3.5M4.5 7L8 3.5 11.5 7',
  down: 'M8 3v9.5M4.5 9L8 12.5 11.5 9',
  panel: 'M2.5 3h11v10h-11zM6 3v10',
  page: 'M9.5 2.5h4v4M13.5 2.5L8 8M12 9v4.5H2.5V4H7',
  clock: 'M8 13.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11zM8 5v3.2l2 1.3',
  warning: 'M8 2.5l6 11H2zM8 6.5v3.2M8 11.6v.3',
  error: 'M8 13.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11zM8 5v3.6M8 10.8v.3',
  download: 'M8 2.5v7.5M5 7l3 3 3-3M3 13.5h10',
  upload: 'M8 10.5V3M5 6l3-3 3 3M3 13.5h10',
  plus: 'M8 3v10M3 8h10',
  help: 'M6 6a2 2 0 1 1 2.7 1.9c-.5.2-.7.5-.7 1v.6M8 11.6v.3M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12z',
} as const

export type IconName = keyof typeof PATHS

interface IconProps {
  name: IconName
  className?: string | undefined
}

/** Decoration only: what it stands next to says the same in words. */
export function Icon({ name, className = '' }: IconProps) {
  return (
    <svg
      viewBox="0 0 16 16"
      width="16"
      height="16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      className={`shrink-0 ${className}`}
    >
      <path d={PATHS[name]} />
    </svg>
  )
}
