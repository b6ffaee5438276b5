import { findMember, readMember, spliceMembers, type MemberEdit, type ObjectScan } from '@sluice/kit/json/members';
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
import { LEAST_OUTPUT_TOKENS } from './encode-request.ts';

const QUOTE = 0x22;
const OPEN_BRACKET = 0x5b;

/**
 * Checks what the relay needs of a request and leaves the rest to the upstream.
 * https://platform.openai.com/docs/api-reference/responses/create
 */
export function readRequest(body: Buffer): RequestFacts {
  const facts = readCountRequest(body);
  return { ...facts, stream: readStream(body, facts.scan) };
}

/** https://platform.openai.com/docs/api-reference/responses/input-tokens */
export function readCountRequest(body: Buffer): RequestFacts {
  const scan = scanBody(body);
  const model = readModel(body, scan);
  checkInput(body, scan);
  const cap = readMember(body, scan, 'max_output_tokens');
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

const MEDIA: readonly MediaMark[] = [
  ['"input_image"', 1, 1_600],
  ['"input_audio"', 2, 2_000],
  ['"input_file"', 1, 4_000],
];

/** The input is looked at from outside only: it may be megabytes. Stored prompts and instructions may stand alone. */
function checkInput(body: Buffer, scan: ObjectScan): void {
  const input = presentMember(body, scan, 'input');
  if (input === null) {
    const others = ['prompt', 'instructions', 'previous_response_id', 'conversation'];
    if (!others.some((key) => presentMember(body, scan, key))) throw missingField('input');
    return;
  }
  const first = body[input.valueStart];
  if (first !== QUOTE && first !== OPEN_BRACKET) throw wrongType('input', 'a string or an array of items');
}

/** The declared edits; all else stays byte for byte. */
export function prepareBody(body: Buffer, facts: RequestFacts, upstream: PreparedFor): Buffer {
  const { scan } = facts;
  const edits: MemberEdit[] = [];
  if (upstream.model !== facts.model || isRepeated(scan, 'model')) {
    edits.push({ key: 'model', json: JSON.stringify(upstream.model) });
  }
  // Readers differ in which of two equal keys they believe; what we acted on must hold for all of them.
  if (isRepeated(scan, 'stream')) edits.push({ key: 'stream', json: String(facts.stream) });
  if (isRepeated(scan, 'background') || isAsked(body, scan, 'background')) {
    edits.push({ key: 'background', json: 'false' });
  }
  if (upstream.outputCap !== null) {
    edits.push({ key: 'max_output_tokens', json: String(Math.max(upstream.outputCap, LEAST_OUTPUT_TOKENS)) });
  }
  for (const [key, value] of Object.entries(upstream.body.members)) edits.push({ key, json: JSON.stringify(value) });
  return edits.length === 0 ? body : spliceMembers(body, scan, edits);
}

function isAsked(body: Buffer, scan: ObjectScan, key: string): boolean {
  return findMember(scan, key) !== undefined && readMember(body, scan, key) === true;
}
