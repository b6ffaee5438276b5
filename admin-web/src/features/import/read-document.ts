import { findJsonFault } from './json-fault.ts';

/** A pasted document is JSON, or it is not from a line and column on (both from 1). */
export type ReadDocument = { ok: true; document: unknown } | { ok: false; line: number; column: number };

export function readDocument(text: string): ReadDocument {
  const fault = findJsonFault(text);
  if (fault === null) return { ok: true, document: JSON.parse(text) };
  const before = text.slice(0, fault).split('\n');
  return { ok: false, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
