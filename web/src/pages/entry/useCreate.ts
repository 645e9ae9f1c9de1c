import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'

import { createKeys } from '../../api/once'
import { asProblem } from '../../api/problem'

interface CreateInput<Body, Made> {
  send: (key: string, body: Body) => Promise<Made>
  onDone: (made: Made) => void
}

/**
 * Create something once. The keys belong to the form: pressing twice, and trying again after an
 * answer was lost, are the same request.
 */
export function useCreate<Body, Made>({ send, onDone }: CreateInput<Body, Made>) {
  const [keyOf] = useState(createKeys)
  const create = useMutation({
    // Reading the fields may fail too, and is told in the same place.
    mutationFn: async (read: () => Body) => {
      const body = read()
      return send(keyOf(body), body)
    },
    onSuccess: (made) => onDone(made),
  })
  return {
    submit: create.mutate,
    problem: create.error ? asProblem(create.error) : null,
    busy: create.isPending,
  }
}
