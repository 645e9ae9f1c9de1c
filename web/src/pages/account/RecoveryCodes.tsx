import { useTranslation } from 'react-i18next'

import { Button } from '../../ui/Button'
import { CopyButton } from '../../ui/CopyButton'
import { DialogActions } from '../../ui/Dialog'

interface RecoveryCodesProps {
  codes: readonly string[]
  onClose: () => void
}

/** The codes, shown this once; the server keeps only their digests. */
export function RecoveryCodes({ codes, onClose }: RecoveryCodesProps) {
  const { t } = useTranslation('account')
  return (
    <div className="flex flex-col gap-4">
      <p className="text-soft">{t('factor.codesNext')}</p>
      <div className="flex items-start gap-2 rounded-md border border-edge bg-sunken py-2 pr-1.5 pl-3">
        <ul
          aria-label={t('factor.codes')}
          className="grid flex-1 grid-cols-[repeat(auto-fill,minmax(21ch,1fr))] gap-x-4 gap-y-1 font-mono text-sm"
        >
          {codes.map((code) => (
            <li key={code}>{code}</li>
          ))}
        </ul>
        <CopyButton text={codes.join('\n')} label={t('factor.copyCodes')} />
      </div>
      <DialogActions>
        <Button
          look="primary"
          // oxlint-disable-next-line jsx-a11y/no-autofocus -- what had the focus is gone
          autoFocus
          onClick={onClose}
        >
          {t('factor.kept')}
        </Button>
      </DialogActions>
    </div>
  )
}
