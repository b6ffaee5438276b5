import type { MediaSource } from '../neutral/parts.ts';
import { invalidField } from './reading.ts';

type Base64Source = Extract<MediaSource, { kind: 'base64' }>;

const HEAD = /^data:([^;,]*)((?:;[^;,]*)*),/i;
/** Both alphabets; some clients leave the padding out. */
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

/**
 * `data:image/png;base64,…` as a source; null for any other URL (https://www.rfc-editor.org/rfc/rfc2397).
 * @throws GatewayError `invalid_field` where it is one and its data are not base64
 */
export function readDataUrl(url: string, path: string): Base64Source | null {
  const head = HEAD.exec(url);
  if (head === null) {
    if (/^data:/i.test(url)) throw invalidField(path, `'${path}' is not a valid data URL.`);
    return null;
  }
  const mediaType = (head[1] ?? '').toLowerCase() || 'text/plain';
  const rest = url.slice(head[0].length);
  if (/;base64$/i.test(head[2] ?? '')) return { kind: 'base64', mediaType, data: checkBase64(rest, path) };
  return { kind: 'base64', mediaType, data: Buffer.from(decodeText(rest, path)).toString('base64') };
}

/** @throws GatewayError `invalid_field` */
export function checkBase64(data: string, path: string): string {
  if (data === '' || !BASE64.test(data)) throw invalidField(path, `'${path}' does not hold valid base64 data.`);
  return data;
}

export function writeDataUrl({ mediaType, data }: Omit<Base64Source, 'kind'>): string {
  return `data:${mediaType};base64,${data}`;
}

function decodeText(text: string, path: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalidField(path, `'${path}' is not a valid data URL.`);
  }
}
