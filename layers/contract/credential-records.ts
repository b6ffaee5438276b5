import { z } from 'zod';
import { credentialKind, credentialState, credentialView } from './credentials.ts';
import { successOf } from './envelopes.ts';
import { upstreamName } from './names.ts';

/** Credentials as records: lists by page, many at once. */

const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'Expected a day such as 2026-03-01');
const text = (longest: number) => z.string().trim().min(1).max(longest);
const flag = z.enum(['true', 'false', '1', '0']).transform((value) => value === 'true' || value === '1');

/** Texts are compared without regard to case. */
export const credentialListQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(100),
  cursor: z.string().max(2000).optional(),
  search: text(200).optional().meta({ description: 'Part of the name, the e-mail address, the biz id or the id.' }),
  upstream: z.string().max(63).optional(),
  kind: credentialKind.optional(),
  tier: z.enum(['basic', 'super']).optional(),
  type: text(20).optional().meta({ description: 'Part of the kind or of the tier.' }),
  biz_id: text(200).optional().meta({ description: 'Part of it.' }),
  email: text(320).optional().meta({ description: 'Part of it.' }),
  tag: text(200).optional().meta({ description: 'Part of it.' }),
  enabled: flag.optional(),
  state: credentialState.optional(),
  created: day.optional().meta({ description: 'Made on this day, by the day that quotas follow.' }),
});
export type CredentialListQuery = z.infer<typeof credentialListQuery>;

const pagination = z.object({
  limit: z.number(),
  next_cursor: z.string().nullable(),
  has_more: z.boolean().meta({
    description: 'A page may be shorter than its limit, or empty, and go on all the same: little is read for each.',
  }),
});

export const credentialPage = successOf(z.array(credentialView)).extend({ pagination });

const secretLines = z.array(z.string().max(16_384)).min(1).max(2_000).optional();
const writeOnly = { writeOnly: true };

/** Refresh tokens or keys, one a line of a file. */
export const credentialImport = z
  .strictObject({
    upstream: upstreamName,
    refreshTokens: secretLines.meta({
      ...writeOnly,
      description: 'Each becomes a credential of kind oauth. Sealed to the vault at once, never shown again.',
    }),
    secrets: secretLines.meta({ ...writeOnly, description: 'In place of them: each becomes one of kind api_key.' }),
    tag: text(200).nullable().optional(),
    clientId: text(500).nullable().optional().meta({
      description: 'Of oauth. Absent: at random from the list of client ids, where there is one.',
    }),
    proxyUrl: z.string().max(2_000).nullable().optional().meta({
      description: 'Absent: of oauth at random from the proxy list, where there is one. null: none.',
    }),
  })
  .refine(({ refreshTokens, secrets }) => (refreshTokens === undefined) !== (secrets === undefined), {
    path: ['refreshTokens'],
    message: 'Expected either refreshTokens or secrets',
  });

const lineOutcome = z.enum(['created', 'exists', 'repeated', 'blank', 'failed']);

export const credentialImportReport = successOf(
  z.object({
    total_count: z.number().meta({ description: 'Lines as they came, blank and repeated ones too.' }),
    success_count: z.number(),
    fail_count: z.number().meta({ description: 'Those that exist already, and those that failed.' }),
    results: z.array(
      z.object({
        line: z.number().meta({ description: 'From 1.' }),
        outcome: lineOutcome,
        success: z.boolean(),
        message: z.string(),
        id: z.string().nullable(),
        bizId: z.string().nullable(),
      }),
    ),
  }),
);

const place = z.strictObject({ upstream: upstreamName, id: z.string().min(1).max(40) });

export const credentialBatch = z.strictObject({ items: z.array(place).min(1).max(500) });
export type CredentialBatch = z.infer<typeof credentialBatch>;

export const credentialBatchReport = successOf(
  z.object({
    total_count: z.number(),
    success_count: z.number(),
    fail_count: z.number(),
    results: z.array(
      z.object({
        upstream: z.string(),
        id: z.string(),
        name: z.string().nullable(),
        success: z.boolean(),
        message: z.string(),
      }),
    ),
  }),
);

const proxyAddress = z.string().max(2_000);

/** Sent whole: what is not in it any more is gone. */
export const proxyListInput = z.strictObject({
  proxies: z
    .array(z.union([proxyAddress, z.looseObject({ id: z.string().max(40).optional(), url: proxyAddress })]))
    .max(1_000)
    .meta({
      description:
        'http, https or socks5 with user:password@ or without, or members as they were shown: stars keep the password. Empty: no record has a proxy then.',
      writeOnly: true,
    }),
});

const task = z.strictObject({
  proxies: z.boolean().default(false),
  clientIdsOf: z.array(upstreamName).max(100).default([]).meta({ description: 'Upstreams.' }),
  cursor: z.string().max(2_000).nullish(),
});

/** `next` of the call before. */
export const reassignInput = task;

const reassignment = z.object({
  done: z.boolean(),
  looked_at: z.number(),
  changed: z.number(),
  next: task.nullable().meta({
    description: 'What to send to POST /api/admin/credentials/reassign where there was no time for all records.',
  }),
});

export const reassignReport = successOf(reassignment);

const proxyView = z.object({ id: z.string(), url: z.string(), hasPassword: z.boolean() });
export const proxyListAnswer = successOf(z.object({ proxies: z.array(proxyView) }));
export const proxyListChanged = proxyListAnswer.extend({ reassignment });

export const clientIdListInput = z.strictObject({
  clientIds: z.array(z.string().max(500)).max(500).meta({
    description: 'Empty: records go back to the client of the upstream.',
  }),
});
export const clientIdListAnswer = successOf(z.object({ clientIds: z.array(z.string()) }));
export const clientIdListChanged = clientIdListAnswer.extend({ reassignment });
