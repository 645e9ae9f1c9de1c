import { useTranslation } from 'react-i18next'

import { asProblem } from '../../api/problem'
import type { Proof } from '../../api/secondFactor'
import { Button, type ButtonLook } from '../../ui/Button'
import { DialogActions } from '../../ui/Dialog'
import { TextField } from '../../ui/Field'
import { fieldError, Form } from '../../ui/Form'
import { readCode } from '../../ui/readCode'

interface ProofFormProps {
  consequence: string
  action: string
  look: ButtonLook
  sending: { mutate: (proof: Proof) => void; error: Error | null; isPending: boolean }
  onClose: () => void
}

/** Who changes how they sign in shows both factors once more. */
export function ProofForm({ consequence, action, look, sending, onClose }: ProofFormProps) {
  const { t } = useTranslation('account')
  const { t: commonWords } = useTranslation()
  const problem = sending.error ? asProblem(sending.error) : null
  const submit = (values: FormData) =>
    sending.mutate({
      password: String(values.get('password')),
      code: readCode(String(values.get('code'))),
    })
  return (
    <Form onSubmit={submit} problem={problem} busy={sending.isPending}>
      <p className="text-soft">{consequence}</p>
      <TextField
        name="password"
        type="password"
        label={t('factor.password')}
        autoComplete="current-password"
        required
        error={fieldError(problem, 'password')}
      />
      <TextField
        name="code"
        label={t('factor.code')}
        hint={t('factor.proofHint')}
        autoComplete="one-time-code"
        autoCapitalize="none"
        spellCheck={false}
        required
        maxLength={40}
        error={fieldError(problem, 'code')}
        className="figures tracking-widest"
      />
      <DialogActions>
        <Button onClick={onClose}>{commonWords('cancel')}</Button>
        <Button look={look} type="submit" busy={sending.isPending}>
          {action}
        </Button>
      </DialogActions>
    </Form>
  )
}
