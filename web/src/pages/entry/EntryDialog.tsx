import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

import type { Problem } from '../../api/problem'
import { Button } from '../../ui/Button'
import { Dialog, DialogActions } from '../../ui/Dialog'
import { Form } from '../../ui/Form'

interface EntryDialogProps {
  title: string
  /** What the button says while nothing is on its way. */
  action: string
  problem: Problem | null
  busy: boolean
  onSubmit: () => void
  onClose: () => void
  children: ReactNode
}

/** A form over the page. While it is on its way it says so; nothing counts before the server has said it. */
export function EntryDialog(props: EntryDialogProps) {
  const { title, action, problem, busy, onSubmit, onClose, children } = props
  const { t } = useTranslation()
  return (
    <Dialog title={title} onClose={onClose} keeps className="w-[480px]">
      <Form onSubmit={onSubmit} problem={problem} busy={busy}>
        {children}
        <DialogActions>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button look="primary" type="submit" busy={busy}>
            {busy ? t('form.sending') : action}
          </Button>
        </DialogActions>
      </Form>
    </Dialog>
  )
}
