import { isUtf8 } from 'node:buffer';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { JsonSyntaxError } from '@sluice/kit/json/json-syntax-error';
import { findMember, readMember, scanObject, spliceMembers } from '@sluice/kit/json/members';
import { skipSpace } from '@sluice/kit/json/skip-value';
import type { MemberEdit, ObjectScan } from '@sluice/kit/json/members';
import type { OutputCapField, PreparedFor, RequestFacts } from '../wire-format.ts';

/**
 * Checks what the relay needs of a chat request and leaves the rest to the upstream.
 * https://platform.openai.com/docs/api-reference/chat/create
 */
export function readRequest(body: Buffer): RequestFacts {
  const scan = scan400(body);
  const model = required(readMember(body, scan, 'model'), 'model');
  if (typeof model !== 'string' || model === '') throw wrongType('model', 'a non-empty string');
  checkMessages(body, scan);
  const stream = readMember(body, scan, 'stream') ?? false;
  if (typeof stream !== 'boolean') throw wrongType('stream', 'a boolean');
  const choices = readMember(body, scan, 'n') ?? 1;
  return {
    model,
    stream,
    wantsStreamUsage: wantsStreamUsage(body, scan),
    choices: isCount(choices) ? choices : 1,
    maxOutputTokens: readMaxOutput(body, scan),
    mediaTokens: countMedia(body),
    scan,
  };
}

const OUTPUT_CAP_FIELDS: readonly OutputCapField[] = ['max_completion_tokens', 'max_tokens'];

/** Of two fields the larger one: which of them an upstream believes is its own business. */
function readMaxOutput(body: Buffer, scan: ObjectScan): number | null {
  const given = OUTPUT_CAP_FIELDS.map((field) => readMember(body, scan, field)).filter(isCount);
  return given.length === 0 ? null : Math.max(...given);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}

/** What a part may count as by the vendors' tables: an image in tiles, a sound of a minute or so. */
const MEDIA: readonly (readonly [mark: string, tokens: number])[] = [
  ['"image_url"', 1_600],
  ['"input_audio"', 2_000],
  ['"file"', 4_000],
];

/** By the names of parts, which stand twice in each: as its type and as its member. Inside a text they are escaped. */
function countMedia(body: Buffer): number {
  let tokens = 0;
  for (const [mark, each] of MEDIA) {
    let found = 0;
    for (let at = body.indexOf(mark); at >= 0; at = body.indexOf(mark, at + mark.length)) found += 1;
    tokens += Math.ceil(found / 2) * each;
  }
  return tokens;
}

function scan400(body: Buffer): ObjectScan {
  try {
    const scan = scanObject(body);
    if (!isUtf8(body)) throw new JsonSyntaxError('Bytes that are not UTF-8', body, firstForeignByte(body));
    return scan;
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw new GatewayError('invalid_json', {
      message: `The request body is not a valid JSON object: ${error.message}.`,
    });
  }
}

/** What is not UTF-8 comes back from a text as other bytes than it went in. */
function firstForeignByte(body: Buffer): number {
  const read = Buffer.from(body.toString('utf8'));
  return body.findIndex((byte, index) => byte !== read[index]);
}

function required(value: unknown, field: string): unknown {
  if (value == null) {
    throw new GatewayError('invalid_field', { message: `Missing required parameter: '${field}'.`, param: field });
  }
  return value;
}

function wrongType(field: string, wanted: string): GatewayError {
  return new GatewayError('invalid_field', { message: `'${field}' must be ${wanted}.`, param: field });
}

/** The messages are looked at from outside only: they may be megabytes. */
function checkMessages(body: Buffer, scan: ObjectScan): void {
  const member = findMember(scan, 'messages');
  required(member && body[member.valueStart] !== NULL_START ? member : null, 'messages');
  if (member && body[member.valueStart] !== OPEN_BRACKET) throw wrongType('messages', 'an array');
  if (member && body[skipSpace(body, member.valueStart + 1)] === CLOSE_BRACKET) {
    throw wrongType('messages', 'an array of at least one message');
  }
}

const NULL_START = 0x6e;
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
  return edits.length === 0 ? body : spliceMembers(body, facts.scan, edits);
}

/** In every field that the client wrote, or in the one that this upstream reads. */
function capEdits(scan: ObjectScan, { outputCap, outputCapField }: PreparedFor): MemberEdit[] {
  if (outputCap === null) return [];
  const named = OUTPUT_CAP_FIELDS.filter((field) => findMember(scan, field));
  return (named.length > 0 ? named : [outputCapField]).map((key) => ({ key, json: String(outputCap) }));
}

function isRepeated(scan: ObjectScan, key: string): boolean {
  return scan.members.filter((member) => member.key === key).length > 1;
}

function withUsage(body: Buffer, scan: ObjectScan): string | Buffer {
  const member = findMember(scan, 'stream_options');
  if (!member || body[member.valueStart] === NULL_START) return '{"include_usage":true}';
  const options = body.subarray(member.valueStart, member.valueEnd);
  return spliceMembers(options, scanObject(options), [{ key: 'include_usage', json: 'true' }]);
}
