import { isUtf8 } from 'node:buffer';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { JsonSyntaxError } from '@sluice/kit/json/json-syntax-error';
import { findMember, readMember, scanObject, type Member, type ObjectScan } from '@sluice/kit/json/members';
import { missingField, wrongType } from './reading.ts';

/** Readers of the few members that passing a body through needs; the rest of it is looked at from outside only. */

/** @throws GatewayError `invalid_json` naming the place where the body breaks */
export function scanBody(body: Buffer): ObjectScan {
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

export function readModel(body: Buffer, scan: ObjectScan): string {
  const model = readMember(body, scan, 'model') ?? null;
  if (model === null) throw missingField('model');
  if (typeof model !== 'string' || model === '') throw wrongType('model', 'a non-empty string');
  return model;
}

export function readStream(body: Buffer, scan: ObjectScan): boolean {
  const stream = readMember(body, scan, 'stream') ?? false;
  if (typeof stream !== 'boolean') throw wrongType('stream', 'a boolean');
  return stream;
}

const NULL_START = 0x6e;

/** The member, unless it is absent or null. */
export function presentMember(body: Buffer, scan: ObjectScan, key: string): Member | null {
  const member = findMember(scan, key);
  return member && body[member.valueStart] !== NULL_START ? member : null;
}

export function isPositiveCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}

export function isRepeated(scan: ObjectScan, key: string): boolean {
  return scan.members.filter((member) => member.key === key).length > 1;
}

/** A mark of a part, how often it stands in one, and what a part may count as by the vendors' tables. */
export type MediaMark = readonly [mark: string, perPart: number, tokens: number];

/** By names that parts have; inside a text they are escaped. */
export function countMedia(body: Buffer, marks: readonly MediaMark[]): number {
  let tokens = 0;
  for (const [mark, perPart, each] of marks) {
    let found = 0;
    for (let at = body.indexOf(mark); at >= 0; at = body.indexOf(mark, at + mark.length)) found += 1;
    tokens += Math.ceil(found / perPart) * each;
  }
  return tokens;
}
