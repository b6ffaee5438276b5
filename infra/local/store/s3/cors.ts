/** Which pages may send to a bucket (https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html). */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendEmpty, type S3Call } from './operations.ts';
import { s3Failure } from './s3-error.ts';
import { readSmallBody } from './upload-body.ts';
import { innerTexts, unescapeText } from './xml.ts';

/** Kept as it was sent. */
export async function putCors({ files, request, response, bucket }: S3Call): Promise<void> {
  await files.setCors(bucket, await readSmallBody(request));
  sendEmpty(response, 200);
}

/** Says what a page of another origin may see of this answer; nothing where no rule is for it. */
export function allowOrigin(xml: string | null, request: IncomingMessage, response: ServerResponse): boolean {
  const { origin } = request.headers;
  const isPreflight = request.method === 'OPTIONS';
  const method = isPreflight ? String(request.headers['access-control-request-method'] ?? '') : request.method;
  if (xml === null || origin === undefined) return false;
  const asked = String(request.headers['access-control-request-headers'] ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
  const rule = innerTexts(xml, 'CORSRule').find((text) => {
    const allows = (element: string, value: string): boolean =>
      innerTexts(text, element).some((pattern) => fits(unescapeText(pattern).toLowerCase(), value.toLowerCase()));
    return (
      allows('AllowedOrigin', origin) &&
      allows('AllowedMethod', method ?? '') &&
      asked.every((name) => allows('AllowedHeader', name))
    );
  });
  if (rule === undefined) return false;
  const isForAll = innerTexts(rule, 'AllowedOrigin').includes('*');
  response.setHeader('access-control-allow-origin', isForAll ? '*' : origin);
  response.setHeader('access-control-allow-methods', innerTexts(rule, 'AllowedMethod').join(', '));
  const exposed = innerTexts(rule, 'ExposeHeader');
  if (exposed.length > 0) response.setHeader('access-control-expose-headers', exposed.join(', '));
  response.setHeader('vary', 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method');
  if (isPreflight && asked.length > 0) response.setHeader('access-control-allow-headers', asked.join(', '));
  const age = innerTexts(rule, 'MaxAgeSeconds')[0];
  if (isPreflight && age !== undefined) response.setHeader('access-control-max-age', age);
  return true;
}

export function answerPreflight(isAllowed: boolean, response: ServerResponse): void {
  if (isAllowed) return sendEmpty(response, 200);
  throw s3Failure('AccessForbidden', 'CORSResponse: This CORS request is not allowed.');
}

function fits(pattern: string, value: string): boolean {
  const [head = '', tail] = pattern.split('*');
  return tail === undefined ? pattern === value : value.startsWith(head) && value.endsWith(tail);
}
