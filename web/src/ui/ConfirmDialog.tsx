import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import type { Problem } from '../api/problem'
import { Button } from './Button'
import { Dialog, DialogActions } from './Dialog'
import { TextField } from './Field'
import { Form } from './Form'

interface ConfirmDialogProps {
  title: string
  /** What will happen, and to whom. */
  consequence: string
  /** What has to be typed before the act is possible. */
  word?: string
  action: string
  busy: boolean
  problem: Problem | null
  onConfirm: () => void
  onClose: () => void
}

export function ConfirmDialog(props: ConfirmDialogProps) {
  const { title, consequence, word, action, busy, problem, onConfirm, onClose } = props
  const { t } = useTranslation()
  const [typed, setTyped] = useState('')
  const ready = word === undefined || typed.trim() === word
  return (
    <Dialog title={title} onClose={onClose}>
      <Form onSubmit={() => ready && onConfirm()} problem={problem} busy={busy}>
        <p className="text-soft">{consequence}</p>
        {word !== undefined && (
          <TextField
            name="word"
            label={t('confirm.type', { word })}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            autoComplete="off"
            spellCheck={false}
          />
        )}
        <DialogActions>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button look="danger" type="submit" busy={busy} disabled={!ready}>
            {action}
          </Button>
        </DialogActions>
      </Form>
    </Dialog>
  )
}
