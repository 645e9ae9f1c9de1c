import { useTranslation } from 'react-i18next'

import { Dialog } from '../../ui/Dialog'

const KEYS = [
  ['palette', ['Ctrl', 'K']],
  ['portfolio', ['g', 'p']],
  ['funds', ['g', 'f']],
  ['imports', ['g', 'i']],
  ['investors', ['g', 'v']],
  ['members', ['g', 'm']],
  ['keys', ['g', 'y']],
  ['trail', ['g', 't']],
  ['account', ['g', 'a']],
  ['filter', ['/']],
  ['rows', ['j', 'k']],
  ['cells', ['h', 'l']],
  ['open', ['↵']],
  ['copy', ['c']],
  ['close', ['Esc']],
  ['submit', ['Ctrl', '↵']],
  ['help', ['?']],
] as const

export default function ShortcutHelp({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('frame')
  return (
    <Dialog title={t('user.shortcuts')} onClose={onClose}>
      <dl className="grid grid-cols-[1fr_auto] gap-y-1.5 text-sm">
        {KEYS.map(([id, keys]) => (
          <div key={id} className="contents">
            <dt>{t(`keys.${id}`)}</dt>
            <dd className="flex justify-end gap-1">
              {keys.map((key) => (
                <kbd
                  key={key}
                  className="inline-flex h-5 min-w-5 items-center justify-center rounded border border-line-strong bg-sunken px-1 font-sans text-xs"
                >
                  {key}
                </kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
