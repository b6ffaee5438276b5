import { z } from 'zod';
import { keyLimits } from './keys.ts';
import { displayName, upstreamName } from './names.ts';
import { flag } from './plugin-api.ts';
import { successOf } from './envelopes.ts';

/** Signing in at an authorization server: an address to open, then what the browser was sent back with. */

const pasted = z.string().trim().min(1).max(16_384);

/** What comes back, in whichever form it was copied. */
const pastedFields = {
  callback_url: pasted.optional().meta({
    description: 'The whole address that the browser was sent to; its query alone, or the code alone, will do.',
  }),
  code: pasted.optional().meta({ description: 'In its place: the code alone, with the state beside it.' }),
  state: z.string().trim().max(200).optional(),
};
const NOTHING = { error: 'Paste the address that the browser was sent to', path: ['callback_url'] };
const isGiven = ({ callback_url: url, code }: { callback_url?: string | undefined; code?: string | undefined }) =>
  url !== undefined || code !== undefined;

export const pastedInput = z.strictObject(pastedFields).refine(isGiven, NOTHING);

const ofWhich = upstreamName.optional().meta({
  description: 'Where to sign in; may be left out where there is one such upstream only.',
});

/** A user's own account; with `account_id` one that is there is signed in anew. */
export const authorizeAccountInput = z.strictObject({
  is_shared: flag.default(0),
  upstream: ofWhich,
  name: displayName.optional(),
  account_id: z.string().max(100).optional().meta({ description: 'An account of yours that is to be signed in anew.' }),
  limits: keyLimits.optional(),
});

export const authorizeAccountAnswer = successOf(
  z.object({
    auth_url: z.string(),
    state: z.string(),
    expires_in: z.number().meta({ description: 'Seconds.' }),
    upstream: z.string(),
  }),
);

/** An operator's credential; with `credentialId` one that is there is signed in anew. */
export const authorizeCredentialInput = z.strictObject({
  upstream: ofWhich,
  name: displayName.optional().meta({ description: 'Whoever signs in, where it is absent.' }),
  credentialId: z.string().max(100).optional(),
  clientId: z.string().min(1).max(500).optional(),
  tag: z.string().trim().min(1).max(200).optional(),
  proxyUrl: z.string().max(2000).optional().meta({
    description: 'Also the code is exchanged through it; http, https or socks5.',
  }),
});

export const authorizeCredentialAnswer = successOf(
  z.object({ authUrl: z.string(), state: z.string(), expiresIn: z.number(), upstream: z.string() }),
);

export const oauthPresetsAnswer = successOf(
  z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      documentation: z.string(),
      tokenUrl: z.string(),
      authorizeUrl: z.string(),
      scope: z.string().nullable(),
      clientAuth: z.enum(['body', 'basic']),
      authorizeExtra: z.record(z.string(), z.string()),
      note: z.string(),
    }),
  ),
);
