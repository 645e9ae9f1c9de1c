import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'

import { renewRecoveryCodes } from '../../api/secondFactor'
import { Dialog } from '../../ui/Dialog'
import { toast } from '../../ui/toasts'
import { ProofForm } from './ProofForm'
import { RecoveryCodes } from './RecoveryCodes'

/** Take new recovery codes in place of those that one has. */
export default function RenewCodes({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('account')
  const renew = useMutation({
    mutationFn: renewRecoveryCodes,
    onSuccess: () => toast(t('factor.renewDone')),
  })
  return (
    <Dialog title={t('factor.renewTitle')} onClose={onClose} keeps className="w-[520px]">
      {renew.data ? (
        <RecoveryCodes codes={renew.data.recovery_codes} onClose={onClose} />
      ) : (
        <ProofForm
          consequence={t('factor.renewNext')}
          action={renew.isPending ? t('factor.renewBusy') : t('factor.renewAction')}
          look="primary"
          sending={renew}
          onClose={onClose}
        />
      )}
    </Dialog>
  )
}
