import { z } from 'zod';
import { successOf } from './envelopes.ts';
import { upstreamName } from './names.ts';

const place = z.strictObject({ upstream: upstreamName, id: z.string().min(1).max(100) });

const MOST_AT_ONCE = 100;

export const batchRefreshInput = z.strictObject({ items: z.array(place).min(1).max(MOST_AT_ONCE) });

export const refreshAllInput = z
  .strictObject({
    upstream: upstreamName.optional().meta({ description: 'Only of this one.' }),
    limit: z.int().min(1).max(MOST_AT_ONCE).default(50),
    cursor: z.string().max(2_000).nullish().meta({ description: 'nextCursor of the answer before.' }),
  })
  .prefault({});

const refreshResult = z.object({
  upstream: z.string(),
  id: z.string(),
  name: z.string().nullable().meta({ description: 'Null: there is no such credential.' }),
  success: z.boolean(),
  outcome: z.string().meta({ description: 'As for one; not-begun and under-way where time was over.' }),
  message: z.string(),
});

const refreshResults = z.object({
  total: z.int(),
  success: z.int(),
  fail: z.int(),
  results: z.array(refreshResult),
});

export const revealInput = z.strictObject({}).prefault({});

export const revealedTokens = successOf(
  z.object({
    accessToken: z.string().nullable(),
    refreshToken: z.string().nullable(),
    lastRefreshToken: z.string().nullable().meta({ description: 'The one before the present one.' }),
  }),
);

export const batchRefreshAnswer = successOf(refreshResults);
export const refreshAllAnswer = successOf(
  refreshResults.extend({
    nextCursor: z.string().nullable().meta({ description: 'Ask again with it until it is null.' }),
  }),
);
