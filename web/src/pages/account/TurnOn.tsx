import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'

import { asProblem } from '../../api/problem'
import { beginSecondFactor, confirmSecondFactor } from '../../api/secondFactor'
import type { Enrolment } from '../../api/types'
import { Button } from '../../ui/Button'
import { Dialog, DialogActions } from '../../ui/Dialog'
import { TextField } from '../../ui/Field'
import { fieldError, Form } from '../../ui/Form'
import { inGroups, readCode } from '../../ui/readCode'
import { CopyText } from '../../ui/CopyText'
import { toast } from '../../ui/toasts'
import { RecoveryCodes } from './RecoveryCodes'

/** Turn one's second factor on: the password, the secret and a code of it, the recovery codes. */
export default function TurnOn({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('account')
  const begin = useMutation({ mutationFn: beginSecondFactor })
  const confirm = useMutation({
    mutationFn: confirmSecondFactor,
    onSuccess: () => toast(t('factor.done')),
  })
  const step = confirm.data ? 3 : begin.data ? 2 : 1
  return (
    <Dialog title={t('factor.title')} onClose={onClose} keeps className="w-[520px]">
      <p className="mb-4 text-xs text-soft">{t('factor.step', { step })}</p>
      {confirm.data ? (
        <RecoveryCodes codes={confirm.data.recovery_codes} onClose={onClose} />
      ) : begin.data ? (
        <Confirm enrolment={begin.data} confirm={confirm} onClose={onClose} />
      ) : (
        <AskPassword begin={begin} onClose={onClose} />
      )}
    </Dialog>
  )
}

interface Sending {
  mutate: (text: string) => void
  error: Error | null
  isPending: boolean
}

function AskPassword({ begin, onClose }: { begin: Sending; onClose: () => void }) {
  const { t } = useTranslation('account')
  const { t: commonWords } = useTranslation()
  const problem = begin.error ? asProblem(begin.error) : null
  return (
    <Form
      onSubmit={(values) => begin.mutate(String(values.get('password')))}
      problem={problem}
      busy={begin.isPending}
    >
      <TextField
        name="password"
        type="password"
        label={t('factor.password')}
        hint={t('factor.beginNext')}
        autoComplete="current-password"
        required
        error={fieldError(problem, 'password')}
      />
      <DialogActions>
        <Button onClick={onClose}>{commonWords('cancel')}</Button>
        <Button look="primary" type="submit" busy={begin.isPending}>
          {begin.isPending ? t('factor.beginBusy') : t('factor.begin')}
        </Button>
      </DialogActions>
    </Form>
  )
}

interface ConfirmProps {
  enrolment: Enrolment
  confirm: Sending
  onClose: () => void
}

function Confirm({ enrolment, confirm, onClose }: ConfirmProps) {
  const { t } = useTranslation('account')
  const { t: commonWords } = useTranslation()
  const problem = confirm.error ? asProblem(confirm.error) : null
  return (
    <Form
      onSubmit={(values) => confirm.mutate(readCode(String(values.get('code'))))}
      problem={problem}
      busy={confirm.isPending}
    >
      <p className="text-soft">{t('factor.enter')}</p>
      <CopyText
        label={t('factor.secret')}
        copyLabel={t('factor.copySecret')}
        text={enrolment.secret}
        shown={inGroups(enrolment.secret)}
      />
      <a href={enrolment.uri} className="self-start text-sm text-accent hover:underline">
        {t('factor.open')}
      </a>
      <TextField
        name="code"
        label={t('factor.code')}
        hint={`${t('factor.codeHint')} ${t('factor.confirmNext')}`}
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- the dialog goes on here
        autoFocus
        required
        autoComplete="one-time-code"
        inputMode="numeric"
        maxLength={40}
        error={fieldError(problem, 'code')}
        className="figures tracking-widest"
      />
      <DialogActions>
        <Button onClick={onClose}>{commonWords('cancel')}</Button>
        <Button look="primary" type="submit" busy={confirm.isPending}>
          {confirm.isPending ? t('factor.confirmBusy') : t('factor.confirm')}
        </Button>
      </DialogActions>
    </Form>
  )
}
