import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'

import { disableSecondFactor } from '../../api/secondFactor'
import { Dialog } from '../../ui/Dialog'
import { toast } from '../../ui/toasts'
import { ProofForm } from './ProofForm'

/** Turn one's second factor off. */
export default function TurnOff({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('account')
  const disable = useMutation({
    mutationFn: disableSecondFactor,
    onSuccess: () => {
      toast(t('factor.offDone'))
      onClose()
    },
  })
  return (
    <Dialog title={t('factor.offTitle')} onClose={onClose} keeps>
      <ProofForm
        consequence={t('factor.offNext')}
        action={disable.isPending ? t('factor.offBusy') : t('factor.offAction')}
        look="danger"
        sending={disable}
        onClose={onClose}
      />
    </Dialog>
  )
}
