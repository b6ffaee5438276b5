import { isSameJson } from '@sluice/kit/json/same-json';
import { SECRET_SHAPES } from '@sluice/kit/log/logger';
import type { AuditChange } from './entry.ts';

/**
 * What an action changed, as an entry tells it: field by field, before and after, without secrets. Two nets: names that
 * say "secret" hide any text under them, and texts that look like a secret are hidden under any name.
 */

const HIDDEN = '***';
const MOST_CHANGES = 60;
const LONGEST_TEXT = 300;
const DEEPEST = 4;

/** Compared without case and punctuation, so that `api_key`, `apiKey` and `X-API-Key` are one name. */
const SECRET_NAME =
  /secret|password|passwd|passphrase|credential$|apikey|accesskey|privatekey|appkey|authorization|cookie|clearance|signature|digest|hash|seed|pepper|verifier|tokens?$|^(?:key|rt|at|code|codes|otp|pin)$|^(?:headers|machinesecrets)$/;
/** What follows the host of such an address is its secret, or has one in it; addresses of upstreams have names of their own. */
const WEBHOOK_NAME = /webhook|hookurl|callbackurl|^url$/;

/**
 * @param before the row as it was; null when it was not there or is not known
 * @param after the row as it is, or what was sent; null when it is gone
 */
export function describeChanges(before: unknown, after: unknown): AuditChange[] {
  const [was, is] = [leavesOf(before), leavesOf(after)];
  const fields = [...new Set([...was.keys(), ...is.keys()])].filter(
    (field) => !was.has(field) || !is.has(field) || !isSameJson(was.get(field), is.get(field)),
  );
  const changes = fields.slice(0, MOST_CHANGES).map((field) => ({
    field,
    ...(was.has(field) ? { before: shown(field, was.get(field)) } : {}),
    ...(is.has(field) ? { after: shown(field, is.get(field)) } : {}),
  }));
  const more = fields.length - changes.length;
  return more > 0 ? [...changes, { field: '…', after: JSON.stringify(`${more} more`) }] : changes;
}

/** Values by dotted path; a list is one value. */
function leavesOf(row: unknown): Map<string, unknown> {
  const leaves = new Map<string, unknown>();
  const visit = (value: unknown, path: string, depth: number): void => {
    if (isRecord(value) && depth < DEEPEST && Object.keys(value).length > 0) {
      for (const [name, member] of Object.entries(value)) visit(member, path ? `${path}.${name}` : name, depth + 1);
    } else if (value !== undefined && path !== '') leaves.set(path, value);
  };
  visit(row, '', 0);
  return leaves;
}

function shown(field: string, value: unknown): string {
  const path = field.split('.');
  const hidden = path.slice(0, -1).reduce((masked, name) => hide(name, masked, true), hide(path.at(-1) ?? '', value));
  const text = JSON.stringify(hidden) ?? 'null';
  return text.length <= LONGEST_TEXT ? text : JSON.stringify(`${text.slice(0, LONGEST_TEXT)}…`);
}

/** @param isParent the name stands above the value: it hides the value only, it says nothing of its shape */
function hide(name: string, value: unknown, isParent = false): unknown {
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  if (SECRET_NAME.test(plain)) return hideAll(value);
  if (isParent) return value;
  if (Array.isArray(value)) return value.map((entry) => hide(name, entry));
  if (isRecord(value)) {
    return Object.fromEntries(Object.entries(value).map(([member, inner]) => [member, hide(member, inner)]));
  }
  return typeof value === 'string' ? hideShapes(WEBHOOK_NAME.test(plain) ? originOf(value) : value) : value;
}

function hideAll(value: unknown): unknown {
  if (typeof value === 'string') return value === '' ? '' : HIDDEN;
  if (Array.isArray(value)) return value.map(hideAll);
  if (isRecord(value)) return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, hideAll(inner)]));
  return value;
}

/** Keys, tokens, and what stands between `//` and `@` of an address. */
function hideShapes(text: string): string {
  return text.replace(SECRET_SHAPES, HIDDEN).replaceAll(/(\/\/)[^/@\s]+@/g, `$1${HIDDEN}@`);
}

/** The rest of a webhook's address is its secret. */
function originOf(text: string): string {
  return URL.canParse(text) ? `${new URL(text).origin}/${HIDDEN}` : HIDDEN;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
