import { z } from 'zod';
import { credentialView } from './credentials.ts';
import { successOf } from './envelopes.ts';

/** Tokens that were received and could not go where they belong, without the tokens. */
const asideTokens = z.object({
  attempt: z.string(),
  at: z.iso.datetime(),
  why: z.enum(['superseded', 'unsaved']).meta({
    description: 'superseded: another refresh token had been given meanwhile. unsaved: the store would not take them.',
  }),
  rotation: z.number().meta({ description: 'Of the refresh token that they were given for.' }),
  hasRefreshToken: z.boolean(),
  accessExpiresAt: z.iso.datetime().nullable(),
});

export const asideTokensAnswer = successOf(z.array(asideTokens));
export type AsideTokensView = z.infer<typeof asideTokens>;

export const adoptedAnswer = successOf(credentialView);
