import type { AccountClaim, SignIn } from '@sluice/core/credentials/authorize/store';
import { LIMITS } from './identity-items.ts';
import { defineItemSchema, type AnyItemSchema } from './item-schema.ts';
import { boolean, nullable, number, object, oneOf, text } from './shape.ts';
import { SEALED } from './vault-items.ts';

export const SIGN_IN_ITEM = defineItemSchema<SignIn>({
  type: 'signIn',
  schema: object({
    stateDigest: text,
    userId: text,
    upstream: text,
    redirectUri: text,
    verifier: SEALED,
    plan: object({
      credentialId: text,
      isNew: boolean,
      name: nullable(text),
      sharing: nullable(oneOf(['shared', 'exclusive'])),
      clientId: nullable(text),
      proxyUrl: nullable(text),
      proxyMember: nullable(text),
      proxyAuth: nullable(SEALED),
      proxyAuthDigest: nullable(text),
      tag: nullable(text),
      limits: LIMITS,
    }),
    expiresAt: number,
    takenBy: nullable(text),
  }),
});

export const ACCOUNT_CLAIM_ITEM = defineItemSchema<AccountClaim>({
  type: 'signInAccount',
  schema: object({ upstream: text, accountDigest: text, credentialId: text, at: number }),
});

export const SIGN_IN_ITEMS: readonly AnyItemSchema[] = [SIGN_IN_ITEM, ACCOUNT_CLAIM_ITEM];
