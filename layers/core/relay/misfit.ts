import type { UpstreamExchange } from '@sluice/kit/http/upstream-exchange';

/** What a success without an answer in it is, told by its head: a login page, an empty body. Null for an answer. */
export function misfitOf({ status, headers }: UpstreamExchange): string | null {
  if (status === 204 || status === 205) return `status ${status} and no content`;
  const type = headers['content-type'] ?? '';
  return /^(?:text\/html|application\/xhtml)/i.test(type)
    ? `a page (${type.slice(0, 100)}) instead of an answer`
    : null;
}

const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Whether a whole body can be a JSON object, told by its ends; what is inside is the client's to read. */
export function mayBeObject(body: Buffer): boolean {
  let start = 0;
  let end = body.length - 1;
  while (start < end && isBlank(body[start])) start += 1;
  while (end > start && isBlank(body[end])) end -= 1;
  return body[start] === OPEN_BRACE && body[end] === CLOSE_BRACE && start < end;
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
