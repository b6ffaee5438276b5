import { findMember, readMember, removeMembers, scanObject, spliceMembers } from '@sluice/kit/json/members';
import { skipSpace } from '@sluice/kit/json/skip-value';
import type { MemberEdit, ObjectScan } from '@sluice/kit/json/members';
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
import type { OutputCapField, PreparedFor, RequestFacts } from '../wire-format.ts';

/**
 * Checks what the relay needs of a chat request and leaves the rest to the upstream.
 * https://platform.openai.com/docs/api-reference/chat/create
 */
export function readRequest(body: Buffer): RequestFacts {
  const scan = scanBody(body);
  const model = readModel(body, scan);
  checkMessages(body, scan);
  const choices = readMember(body, scan, 'n') ?? 1;
  return {
    model,
    stream: readStream(body, scan),
    wantsStreamUsage: wantsStreamUsage(body, scan),
    choices: isPositiveCount(choices) ? choices : 1,
    maxOutputTokens: readMaxOutput(body, scan),
    mediaTokens: countMedia(body, MEDIA),
    scan,
  };
}

const OUTPUT_CAP_FIELDS: readonly OutputCapField[] = ['max_completion_tokens', 'max_tokens'];

/** Of two fields the larger one: which of them an upstream believes is its own business. */
function readMaxOutput(body: Buffer, scan: ObjectScan): number | null {
  const given = OUTPUT_CAP_FIELDS.map((field) => readMember(body, scan, field)).filter(isPositiveCount);
  return given.length === 0 ? null : Math.max(...given);
}

/** An image in tiles, a sound of a minute or so; each name stands twice in its part, as its type and as its member. */
const MEDIA: readonly MediaMark[] = [
  ['"image_url"', 2, 1_600],
  ['"input_audio"', 2, 2_000],
  ['"file"', 2, 4_000],
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

const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

function wantsStreamUsage(body: Buffer, scan: ObjectScan): boolean {
  const options = readMember(body, scan, 'stream_options') ?? null;
  if (typeof options !== 'object' || Array.isArray(options)) throw wrongType('stream_options', 'an object');
  return options !== null && (options as { include_usage?: unknown }).include_usage === true;
}

/**
 * The declared edits: the upstream's name of the model, a usage report for streams, and a shorter answer where a hard
 * limit leaves no room for a longer one. All else stays byte for byte.
 */
export function prepareBody(body: Buffer, facts: RequestFacts, upstream: PreparedFor): Buffer {
  const upstreamModel = upstream.model;
  const edits: MemberEdit[] = [];
  if (upstreamModel !== facts.model || isRepeated(facts.scan, 'model')) {
    edits.push({ key: 'model', json: JSON.stringify(upstreamModel) });
  }
  // Readers differ in which of two equal keys they believe; what we acted on must hold for all of them.
  if (isRepeated(facts.scan, 'stream')) edits.push({ key: 'stream', json: String(facts.stream) });
  if (facts.stream && (!facts.wantsStreamUsage || isRepeated(facts.scan, 'stream_options'))) {
    edits.push({ key: 'stream_options', json: withUsage(body, facts.scan) });
  }
  edits.push(...capEdits(facts.scan, upstream));
  const { members, without } = upstream.body;
  for (const [key, value] of Object.entries(members)) edits.push({ key, json: JSON.stringify(value) });
  const edited = edits.length === 0 ? body : spliceMembers(body, facts.scan, edits);
  return without.length === 0 ? edited : removeMembers(edited, scanObject(edited), without);
}

/** In every field that the client wrote, or in the one that this upstream reads. */
function capEdits(scan: ObjectScan, { outputCap, outputCapField }: PreparedFor): MemberEdit[] {
  if (outputCap === null) return [];
  const named = OUTPUT_CAP_FIELDS.filter((field) => findMember(scan, field));
  return (named.length > 0 ? named : [outputCapField]).map((key) => ({ key, json: String(outputCap) }));
}

function withUsage(body: Buffer, scan: ObjectScan): string | Buffer {
  const member = presentMember(body, scan, 'stream_options');
  if (member === null) return '{"include_usage":true}';
  const options = body.subarray(member.valueStart, member.valueEnd);
  return spliceMembers(options, scanObject(options), [{ key: 'include_usage', json: 'true' }]);
}
