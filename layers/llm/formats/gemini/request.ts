import { findMember, readMember, scanObject, spliceMembers, type MemberEdit } from '@sluice/kit/json/members';
import type { Member, ObjectScan } from '@sluice/kit/json/members';
import { skipSpace, skipValue } from '@sluice/kit/json/skip-value';
import { countMedia, isPositiveCount, isRepeated, presentMember, scanBody, type MediaMark } from '../body-facts.ts';
import { invalidField, missingField, wrongType } from '../reading.ts';
import type { PathFacts } from '../path-facts.ts';
import type { PreparedFor, RequestFacts } from '../wire-format.ts';
import { snakeOf } from './parts/fields.ts';

const CONFIG = 'generationConfig';
const NO_PATH: PathFacts = { model: '', stream: false, jsonArray: false };

/**
 * Checks what the relay needs of a request and leaves the rest to the upstream; model and method are the path's.
 * https://ai.google.dev/api/generate-content
 */
export function readRequest(body: Buffer, path?: PathFacts | null): RequestFacts {
  const scan = scanBody(body);
  checkContents(body, scan);
  return factsOf(body, scan, path ?? NO_PATH);
}

/** `{contents}` or a whole request as `{generateContentRequest}`: https://ai.google.dev/api/tokens */
export function readCountRequest(body: Buffer, path?: PathFacts | null): RequestFacts {
  const scan = scanBody(body);
  if (memberOf(body, scan, 'generateContentRequest') === null) checkContents(body, scan);
  return factsOf(body, scan, path ?? NO_PATH);
}

function factsOf(body: Buffer, scan: ObjectScan, { model, stream }: PathFacts): RequestFacts {
  const config = readConfig(body, scan);
  return {
    model,
    stream,
    wantsStreamUsage: true,
    choices: largest(config, 'candidateCount') ?? 1,
    maxOutputTokens: largest(config, 'maxOutputTokens'),
    mediaTokens: countMedia(body, MEDIA),
    scan,
  };
}

/** Of two spellings the larger one: which of them an upstream believes is its own business. */
function largest(config: Record<string, unknown>, name: string): number | null {
  const given = [config[name], config[snakeOf(name)]].filter(isPositiveCount);
  return given.length === 0 ? null : Math.max(...given);
}

/** Images in tiles, sounds and films by the second; a part names its kind once. */
const MEDIA: readonly MediaMark[] = [
  ['"inlineData"', 1, 1_600],
  ['"inline_data"', 1, 1_600],
  ['"fileData"', 1, 4_000],
  ['"file_data"', 1, 4_000],
];

/** The member under its JSON name or its proto name. */
function memberOf(body: Buffer, scan: ObjectScan, name: string): Member | null {
  return presentMember(body, scan, name) ?? presentMember(body, scan, snakeOf(name));
}

/** The contents are looked at from outside only: they may be megabytes. */
function checkContents(body: Buffer, scan: ObjectScan): void {
  const member = memberOf(body, scan, 'contents');
  if (member === null) throw missingField('contents');
  const first = body[member.valueStart];
  if (first === OPEN_BRACE || first === QUOTE) return;
  if (first !== OPEN_BRACKET) throw wrongType('contents', 'an array');
  if (body[skipSpace(body, member.valueStart + 1)] === CLOSE_BRACKET) {
    throw wrongType('contents', 'an array of at least one content');
  }
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;

/** What it says counts for holds and caps, so it must not say two things. */
function readConfig(body: Buffer, scan: ObjectScan): Record<string, unknown> {
  const found = scan.members.filter(({ key }) => key === CONFIG || key === snakeOf(CONFIG));
  if (found.length > 1) throw invalidField(CONFIG, `'${CONFIG}' must not stand in the body twice.`);
  const config = readMember(body, scan, CONFIG) ?? readMember(body, scan, snakeOf(CONFIG)) ?? {};
  if (typeof config !== 'object' || config === null || Array.isArray(config)) throw wrongType(CONFIG, 'an object');
  return config as Record<string, unknown>;
}

/**
 * The declared edits: a shorter answer where a hard limit leaves no room for a longer one, and a `model` that some SDKs
 * write into the body too. All else stays byte for byte.
 */
export function prepareBody(body: Buffer, facts: RequestFacts, upstream: PreparedFor): Buffer {
  const edits: MemberEdit[] = [];
  if (findMember(facts.scan, 'model')) {
    const { model } = upstream;
    edits.push({ key: 'model', json: JSON.stringify(model.includes('/') ? model : `models/${model}`) });
  }
  if (upstream.outputCap !== null) edits.push(capEdit(body, facts.scan, upstream.outputCap));
  return edits.length === 0 ? body : spliceMembers(body, facts.scan, edits);
}

/** The cap stands inside of the configuration, which stays as it is otherwise. */
function capEdit(body: Buffer, scan: ObjectScan, cap: number): MemberEdit {
  const member = memberOf(body, scan, CONFIG);
  if (member === null) return { key: CONFIG, json: JSON.stringify({ maxOutputTokens: cap }) };
  const config = body.subarray(member.valueStart, member.valueEnd);
  const inner = scanObject(config);
  const snake = 'max_output_tokens';
  const keys = ['maxOutputTokens', snake].filter((key) => findMember(inner, key));
  const named = keys.length > 0 ? keys : ['maxOutputTokens'];
  return {
    key: member.key,
    json: spliceMembers(
      config,
      inner,
      named.map((key) => ({ key, json: String(cap) })),
    ),
  };
}

/** Readers put the role first; where they do not, nothing is lost but a better key. */
const OPENS_AS_MODEL = /^\{\s*"role"\s*:\s*"model"/;
const LONGEST_OPENING = 48;

/**
 * What a conversation keeps from its first turn to its last: the cached content that it names, else its instructions
 * and its first content, byte for byte. Null when there is neither.
 */
export function readConversation(body: Buffer, { scan }: Pick<RequestFacts, 'scan'>): string | Buffer | null {
  const cached = memberOf(body, scan, 'cachedContent');
  if (cached !== null && !isRepeated(scan, cached.key)) {
    const name: unknown = JSON.parse(body.toString('utf8', cached.valueStart, cached.valueEnd));
    if (typeof name === 'string' && name !== '') return name;
  }
  const system = memberOf(body, scan, 'systemInstruction');
  const first = firstContent(body, scan);
  if (system === null) return first;
  const instructions = body.subarray(system.valueStart, system.valueEnd);
  return first === null ? instructions : Buffer.concat([instructions, first]);
}

function firstContent(body: Buffer, scan: ObjectScan): Buffer | null {
  const contents = memberOf(body, scan, 'contents');
  if (contents === null || body[contents.valueStart] !== OPEN_BRACKET) return null;
  const start = skipSpace(body, contents.valueStart + 1);
  if (body[start] === CLOSE_BRACKET || body[start] === COMMA) return null;
  if (OPENS_AS_MODEL.test(body.toString('latin1', start, start + LONGEST_OPENING))) return null;
  return body.subarray(start, skipValue(body, start));
}
