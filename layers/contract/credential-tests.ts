import { z } from 'zod';
import { credentialState } from './credentials.ts';

export const credentialTest = z
  .strictObject({
    model: z.string().min(1).max(200).optional().meta({
      description:
        'A public model that the upstream serves, or the upstream’s own name of one; it is greeted, which costs a few tokens. Left out: the first model that is routed to the upstream, and where none is, the upstream’s list of models.',
    }),
    listOnly: z.boolean().default(false).meta({ description: 'Ask for the list of models only, which costs nothing.' }),
  })
  .default({ listOnly: false });

/** What one call under the credential showed. A call that fails is an answer to the question, and no failure of it. */
export const credentialTestReport = z.object({
  outcome: z.enum(['passed', 'failed', 'unknown', 'no-token', 'not-found']).meta({
    description: 'unknown: the upstream has no such model or endpoint, which says nothing of the credential.',
  }),
  upstreamStatus: z.number().meta({ description: '0 = it gave none.' }),
  text: z.string(),
  reactivated: z.boolean().meta({ description: 'It rested, or was taken for invalid, and is used again.' }),
  durationMs: z.number(),
  model: z.string().nullable().meta({ description: 'The upstream’s name of the model that was greeted.' }),
  state: credentialState,
  stateReason: z.string().nullable(),
  stateUntil: z.iso.datetime().nullable(),
});
