import { createHash } from 'node:crypto';
import type { PlainRequest } from '@sluice/kit/http/exchange';

/**
 * What makes two requests the same one: method, path, query and body. The boundary of a form is drawn anew for each
 * sending of the same form, and is left out.
 */
export function digestRequest({ method, path, query, headers, body }: PlainRequest): string {
  const hash = createHash('sha256').update(`${method} ${path}?${query}\n`);
  const type = headers['content-type'] ?? '';
  const boundary = /^multipart\/[^;]+;.*\bboundary=(?:"([^"]+)"|([^;\s]+))/i.exec(type);
  const mark = boundary === null ? null : Buffer.from(`--${boundary[1] ?? boundary[2] ?? ''}`);
  if (mark === null) return hash.update(body).digest('hex');
  for (let start = 0; ;) {
    const end = body.indexOf(mark, start);
    const piece = body.subarray(start, end < 0 ? body.length : end);
    hash.update(`${piece.length}\n`).update(piece);
    if (end < 0) return hash.digest('hex');
    start = end + mark.length;
  }
}

/** The id of the job that does what is asked under a client's own key, which is its own for each path and account. */
export function jobIdOfKey(endpoint: string, key: string): string {
  return `idem_${createHash('sha256').update(`${endpoint}\n${key}`).digest('hex').slice(0, 40)}`;
}
