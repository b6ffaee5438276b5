import { AUDIT_OUTCOMES, type AuditEntry } from '@sluice/core/audit/entry';
import type { AuditCheckpoint, AuditHead } from '@sluice/core/audit/store';
import { defineItemSchema } from './item-schema.ts';
import { list, nullable, number, object, oneOf, optional, record, text } from './shape.ts';

/** Never upgraded where it stands: its hash is that of what was written. A later version reads this one beside its own. */
export const AUDIT_ENTRY_ITEM = defineItemSchema<AuditEntry>({
  type: 'auditEntry',
  schema: object({
    actionId: text,
    outcome: oneOf(AUDIT_OUTCOMES),
    actorId: nullable(text),
    actorName: nullable(text),
    actorRole: nullable(text),
    actorBy: nullable(text),
    address: text,
    action: text,
    target: nullable(text),
    requestId: text,
    status: nullable(number),
    errorCode: nullable(text),
    changes: list(object({ field: text, before: optional(text), after: optional(text) })),
    begunBy: nullable(number),
    sequence: number,
    time: number,
    previous: text,
    hash: text,
  }),
});

export const AUDIT_HEAD_ITEM = defineItemSchema<AuditHead>({
  type: 'auditHead',
  schema: object({
    sequence: number,
    hash: text,
    time: number,
    open: record(object({ sequence: number, time: number })),
  }),
});

export const AUDIT_CHECKPOINT_ITEM = defineItemSchema<AuditCheckpoint>({
  type: 'auditCheckpoint',
  schema: object({ sequence: number, hash: text, toldBy: number }),
});
