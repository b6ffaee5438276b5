import { z } from 'zod';
import { pageQuery, successOf } from './envelopes.ts';

const OUTCOMES = ['begun', 'succeeded', 'refused', 'failed', 'unknown'] as const;

const instant = z.iso.datetime({ offset: true });

export const auditQuery = z.object({
  ...pageQuery,
  actor: z.string().max(200).optional().meta({ description: 'User id or user name.' }),
  action: z.string().max(300).optional().meta({ description: 'Beginning of the action, such as `DELETE /api/keys`.' }),
  target: z.string().max(600).optional().meta({ description: 'The row it was done to.' }),
  outcome: z
    .enum([...OUTCOMES, 'ended', 'all'])
    .default('ended')
    .meta({ description: '`ended`: one entry for each action that came to an end; `all`: those that began one too.' }),
  from: instant.optional().meta({ description: 'First instant, ISO 8601.' }),
  to: instant.optional().meta({ description: 'Last instant, ISO 8601.' }),
});
export type AuditQuery = z.infer<typeof auditQuery>;

const auditEntryView = z.object({
  sequence: z.number(),
  time: z.string(),
  actor: z.object({ id: z.string(), name: z.string(), role: z.string(), by: z.string() }).nullable(),
  address: z.string().nullable(),
  action: z.string(),
  target: z.string().nullable(),
  outcome: z.enum(OUTCOMES),
  status: z.number().nullable(),
  error_code: z.string().nullable(),
  request_id: z.string(),
  changes: z.array(z.object({ field: z.string(), before: z.unknown().optional(), after: z.unknown().optional() })),
  begun_by: z.number().nullable().meta({ description: 'Sequence of the entry that began the action.' }),
  previous_hash: z.string(),
  hash: z.string(),
});

export const auditAnswer = successOf(
  z.object({ entries: z.array(auditEntryView), next_cursor: z.string().nullable() }),
);

const position = z
  .string()
  .regex(/^\d{1,12}:[0-9a-f]{64}$/, 'Expected a sequence and a hash, such as 12:9f86d0…')
  .transform((text) => {
    const [sequence = '', hash = ''] = text.split(':');
    return { sequence: Number(sequence), hash };
  });

export const auditVerifyQuery = z.object({
  from: position.optional().meta({ description: '`next` of the call before.' }),
  anchor: position.optional().meta({ description: 'A head that was noted earlier: `<sequence>:<hash>`.' }),
  limit: z.coerce.number().int().min(1).max(1000).default(1000),
});
export type AuditVerifyQuery = z.infer<typeof auditVerifyQuery>;

const place = z.object({ sequence: z.number(), hash: z.string() });

export const auditVerifyAnswer = successOf(
  z.object({
    checked: z.number().meta({ description: 'Entries that this call proved.' }),
    position: place.meta({ description: 'How far the chain is proved.' }),
    head: place.nullable(),
    open: z.number().meta({ description: 'Actions that were begun and not ended.' }),
    broken: z.object({ sequence: z.number(), kind: z.string(), message: z.string() }).nullable(),
    next: z.string().nullable().meta({ description: 'Where the next call goes on; null when all was seen.' }),
  }),
);
