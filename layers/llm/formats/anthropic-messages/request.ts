import {
  readMember,
  removeMembers,
  scanObject,
  spliceMembers,
  type MemberEdit,
  type ObjectScan,
} from '@sluice/kit/json/members';
import { skipSpace } from '@sluice/kit/json/skip-value';
import { isJsonObject } from '../../neutral/json.ts';
import {
  countMedia,
  isPositiveCount,
  isRepeated,
  presentMember,
  readModel,
  readStream,
  scanBody,
  type MediaMark,
} from '../body-facts.ts';
import { missingField, wrongType } from '../reading.ts';
import type { PreparedFor, RequestFacts } from '../wire-format.ts';

const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/**
 * Checks what the relay needs of a message request and leaves the rest to the upstream.
 * https://docs.claude.com/en/api/messages
 */
export function readRequest(body: Buffer): RequestFacts {
  const facts = readCountRequest(body);
  const { scan } = facts;
  if (presentMember(body, scan, 'max_tokens') === null) throw missingField('max_tokens');
  if (facts.maxOutputTokens === null) throw wrongType('max_tokens', 'a positive integer');
  return { ...facts, stream: readStream(body, scan) };
}

/** https://docs.claude.com/en/api/messages-count-tokens */
export function readCountRequest(body: Buffer): RequestFacts {
  const scan = scanBody(body);
  const model = readModel(body, scan);
  checkMessages(body, scan);
  const cap = readMember(body, scan, 'max_tokens');
  return {
    model,
    stream: false,
    wantsStreamUsage: true,
    choices: 1,
    maxOutputTokens: isPositiveCount(cap) ? cap : null,
    mediaTokens: countMedia(body, MEDIA),
    scan,
  };
}

/** https://docs.claude.com/en/docs/build-with-claude/vision#calculate-image-costs, and a document of a few pages */
const MEDIA: readonly MediaMark[] = [
  ['"image"', 1, 1_600],
  ['"document"', 1, 6_000],
];

/** The messages are looked at from outside only: they may be megabytes. */
function checkMessages(body: Buffer, scan: ObjectScan): void {
  const member = presentMember(body, scan, 'messages');
  if (member === null) throw missingField('messages');
  if (body[member.valueStart] !== OPEN_BRACKET) throw wrongType('messages', 'an array');
  if (body[skipSpace(body, member.valueStart + 1)] === CLOSE_BRACKET) {
    throw wrongType('messages', 'an array of at least one message');
  }
}

/** The declared edits: the upstream's name of the model, a shorter answer under a hard limit, what the vendor wants. */
export function prepareBody(body: Buffer, facts: RequestFacts, upstream: PreparedFor): Buffer {
  const { scan } = facts;
  const edits: MemberEdit[] = [];
  if (upstream.model !== facts.model || isRepeated(scan, 'model')) {
    edits.push({ key: 'model', json: JSON.stringify(upstream.model) });
  }
  // Readers differ in which of two equal keys they believe; what we acted on must hold for all of them.
  if (isRepeated(scan, 'stream')) edits.push({ key: 'stream', json: String(facts.stream) });
  edits.push(...capEdits(body, facts, upstream));
  for (const [key, value] of Object.entries(upstream.body.members)) edits.push({ key, json: JSON.stringify(value) });
  const edited = edits.length === 0 ? body : spliceMembers(body, scan, edits);
  const { without } = upstream.body;
  return without.length === 0 ? edited : removeMembers(edited, scanObject(edited), without);
}

/** https://docs.claude.com/en/docs/build-with-claude/extended-thinking */
const SMALLEST_BUDGET = 1_024;

/** What may be thought must be less than the whole answer, so a cap may reach into it. */
function capEdits(body: Buffer, { scan, maxOutputTokens }: RequestFacts, { outputCap }: PreparedFor): MemberEdit[] {
  const isWide = outputCap === null || (maxOutputTokens !== null && maxOutputTokens <= outputCap);
  if (isWide && !isRepeated(scan, 'max_tokens')) return [];
  const cap = Math.min(outputCap ?? Infinity, maxOutputTokens ?? Infinity);
  const edits: MemberEdit[] = [{ key: 'max_tokens', json: String(cap) }];
  const thinking = readMember(body, scan, 'thinking');
  if (!isJsonObject(thinking) || !isPositiveCount(thinking['budget_tokens'])) return edits;
  if (thinking['budget_tokens'] < cap) return edits;
  const less = cap > SMALLEST_BUDGET ? { ...thinking, budget_tokens: cap - 1 } : { type: 'disabled' };
  edits.push({ key: 'thinking', json: JSON.stringify(less) });
  return edits;
}
