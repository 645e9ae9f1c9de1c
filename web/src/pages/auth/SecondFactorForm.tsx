import { useMutation } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'

import { asProblem } from '../../api/problem'
import { answerChallenge } from '../../api/session'
import type { Challenge } from '../../api/types'
import { Button } from '../../ui/Button'
import { TextField } from '../../ui/Field'
import { Form } from '../../ui/Form'
import { readCode } from '../../ui/readCode'

interface SecondFactorFormProps {
  challenge: Challenge
  onEntered: () => void
  /** The challenge is spent: back to the password. */
  onAgain: () => void
}

/** The second question of a sign-in: a code of the authenticator, or one that was kept for when it is gone. */
export function SecondFactorForm({ challenge, onEntered, onAgain }: SecondFactorFormProps) {
  const { t } = useTranslation('auth')
  const [recovery, setRecovery] = useState(false)
  const answer = useMutation({
    mutationFn: (code: string) => answerChallenge(challenge.challenge, code),
    onSuccess: onEntered,
  })
  const problem = answer.error ? asProblem(answer.error) : null
  if (problem?.code === 'unauthenticated') return <TooLate onAgain={onAgain} />
  return (
    <>
      <Form
        label={t('factor.title')}
        onSubmit={(values) => answer.mutate(readCode(String(values.get('code'))))}
        problem={problem}
        busy={answer.isPending}
      >
        <p className="text-soft">{t(recovery ? 'factor.nextRecovery' : 'factor.next')}</p>
        <CodeField key={String(recovery)} recovery={recovery} />
        <Button look="primary" type="submit" className="h-9" busy={answer.isPending}>
          {answer.isPending ? t('factor.busy') : t('factor.action')}
        </Button>
      </Form>
      <div className="-mx-3 mt-3 flex flex-wrap justify-between">
        <Button
          look="ghost"
          onClick={() => {
            answer.reset()
            setRecovery(!recovery)
          }}
        >
          {t(recovery ? 'factor.useCode' : 'factor.useRecovery')}
        </Button>
        <Button look="ghost" onClick={onAgain}>
          {t('factor.again')}
        </Button>
      </div>
    </>
  )
}

function CodeField({ recovery }: { recovery: boolean }) {
  const { t } = useTranslation('auth')
  return (
    <TextField
      name="code"
      label={t(recovery ? 'factor.recovery' : 'factor.code')}
      hint={t(recovery ? 'factor.recoveryHint' : 'factor.codeHint')}
      // oxlint-disable-next-line jsx-a11y/no-autofocus -- it is the one thing that this page asks
      autoFocus
      required
      autoComplete={recovery ? 'off' : 'one-time-code'}
      inputMode={recovery ? 'text' : 'numeric'}
      autoCapitalize="none"
      spellCheck={false}
      // A wide one takes what is pasted with spaces; the form takes them out.
      maxLength={40}
      className="figures tracking-widest"
    />
  )
}

function TooLate({ onAgain }: { onAgain: () => void }) {
  const { t } = useTranslation('auth')
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => box.current?.focus(), [])
  return (
    <div className="flex flex-col gap-4">
      <div
        ref={box}
        role="alert"
        tabIndex={-1}
        className="rounded-md border border-bad bg-bad-soft px-3 py-2"
      >
        <p className="font-medium">{t('factor.late')}</p>
        <p className="text-sm text-soft">{t('factor.lateNext')}</p>
      </div>
      <Button look="primary" className="h-9" onClick={onAgain}>
        {t('factor.again')}
      </Button>
    </div>
  )
}
