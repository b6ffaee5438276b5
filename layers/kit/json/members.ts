import { skipKey, skipSpace, skipString, skipValue, unexpected } from './skip-value.ts';

/** One member of the outermost object, by offsets into the body; ends are exclusive. */
export interface Member {
  /** The key as text, escapes resolved. */
  key: string;
  keyStart: number;
  valueStart: number;
  valueEnd: number;
}

export interface ObjectScan {
  /** In the order of the body; a key that stands twice is there twice. */
  members: readonly Member[];
  /** Offset of the opening brace. */
  start: number;
  /** Offset behind the closing brace. */
  end: number;
}

/** A change to one member: its value becomes `json`, a complete JSON text. */
export interface MemberEdit {
  key: string;
  json: string | Uint8Array;
}

/**
 * Finds the members of the object that is the whole body, validating everything inside (RFC 8259). Nothing is built
 * from the values, so big numbers, key order and `__proto__` stay what they are.
 * @throws JsonSyntaxError when the body is not one JSON object
 */
export function scanObject(body: Buffer): ObjectScan {
  const start = skipSpace(body, 0);
  if (body[start] !== 0x7b) throw unexpected(body, start);
  const members: Member[] = [];
  let offset = skipSpace(body, start + 1);
  if (body[offset] === 0x7d) return finish(body, members, start, offset + 1);
  for (;;) {
    const keyStart = offset;
    const valueStart = skipKey(body, offset);
    const valueEnd = skipValue(body, valueStart);
    members.push({ key: readKey(body, keyStart), keyStart, valueStart, valueEnd });
    offset = skipSpace(body, valueEnd);
    if (body[offset] === 0x7d) return finish(body, members, start, offset + 1);
    if (body[offset] !== 0x2c) throw unexpected(body, offset);
    offset = skipSpace(body, offset + 1);
  }
}

function finish(body: Buffer, members: Member[], start: number, end: number): ObjectScan {
  const rest = skipSpace(body, end);
  if (rest < body.length) throw unexpected(body, rest);
  return { members, start, end };
}

function readKey(body: Buffer, keyStart: number): string {
  const keyEnd = skipString(body, keyStart);
  const raw = body.toString('utf8', keyStart + 1, keyEnd - 1);
  return raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw;
}

/** The member of this key; the last one when it stands twice, as `JSON.parse` has it. */
export function findMember(scan: ObjectScan, key: string): Member | undefined {
  for (let index = scan.members.length - 1; index >= 0; index -= 1) {
    const member = scan.members[index] as Member;
    if (member.key === key) return member;
  }
  return undefined;
}

/** The member's value, parsed; `undefined` when the object has no such member. */
export function readMember(body: Buffer, scan: ObjectScan, key: string): unknown {
  const member = findMember(scan, key);
  return member && JSON.parse(body.toString('utf8', member.valueStart, member.valueEnd));
}

/**
 * The body with the given members changed and every other byte as it was. A key that stands several times is changed
 * everywhere, so that no reader of the result can prefer an old value; one that is missing is added at the end.
 */
export function spliceMembers(body: Buffer, scan: ObjectScan, edits: readonly MemberEdit[]): Buffer {
  const places: { start: number; end: number; bytes: Uint8Array }[] = [];
  let added = '';
  for (const edit of edits) {
    const bytes = typeof edit.json === 'string' ? Buffer.from(edit.json) : edit.json;
    const known = scan.members.filter((member) => member.key === edit.key);
    for (const member of known) places.push({ start: member.valueStart, end: member.valueEnd, bytes });
    if (known.length === 0) {
      const comma = scan.members.length > 0 || added !== '' ? ',' : '';
      added += `${comma}${JSON.stringify(edit.key)}:${Buffer.from(bytes).toString()}`;
    }
  }
  places.sort((left, right) => left.start - right.start);
  if (added !== '') {
    const at = scan.members.at(-1)?.valueEnd ?? scan.start + 1;
    places.push({ start: at, end: at, bytes: Buffer.from(added) });
  }
  return replaceRanges(body, places);
}

/** The body without the given members; those that stay keep their bytes. */
export function removeMembers(body: Buffer, scan: ObjectScan, keys: readonly string[]): Buffer {
  if (!scan.members.some(({ key }) => keys.includes(key))) return body;
  const pieces: Uint8Array[] = [Buffer.from('{')];
  for (const { key, keyStart, valueEnd } of scan.members) {
    if (keys.includes(key)) continue;
    if (pieces.length > 1) pieces.push(Buffer.from(','));
    pieces.push(body.subarray(keyStart, valueEnd));
  }
  pieces.push(Buffer.from('}'));
  return Buffer.concat(pieces);
}

function replaceRanges(body: Buffer, places: readonly { start: number; end: number; bytes: Uint8Array }[]): Buffer {
  const pieces: Uint8Array[] = [];
  let offset = 0;
  for (const place of places) {
    pieces.push(body.subarray(offset, place.start), place.bytes);
    offset = place.end;
  }
  pieces.push(body.subarray(offset));
  return Buffer.concat(pieces);
}
