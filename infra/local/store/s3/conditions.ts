/** Conditional requests and ranges (RFC 9110 §13 and §14), as S3 answers them. */

import type { IncomingHttpHeaders } from 'node:http';
import { s3Failure } from './s3-error.ts';
import type { StoredObject } from './object-files.ts';

function bare(etag: string): string {
  return etag.trim().replace(/^W\//, '').replaceAll('"', '');
}

function names(header: string, etag: string): boolean {
  return header.split(',').some((candidate) => candidate.trim() === '*' || bare(candidate) === bare(etag));
}

/** HTTP dates have whole seconds. */
function isAfter(object: StoredObject, date: string): boolean {
  const limit = Date.parse(date);
  return !Number.isNaN(limit) && Math.floor(object.lastModified / 1000) > Math.floor(limit / 1000);
}

function preconditionFailed(): Error {
  return s3Failure('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold');
}

/** 'unmodified' calls for a 304; throws PreconditionFailed. */
export function checkRead(headers: IncomingHttpHeaders, object: StoredObject): 'modified' | 'unmodified' {
  const ifMatch = headers['if-match'];
  const ifUnmodifiedSince = headers['if-unmodified-since'];
  if (ifMatch !== undefined) {
    if (!names(ifMatch, object.etag)) throw preconditionFailed();
  } else if (ifUnmodifiedSince !== undefined && isAfter(object, ifUnmodifiedSince)) throw preconditionFailed();
  const ifNoneMatch = headers['if-none-match'];
  const ifModifiedSince = headers['if-modified-since'];
  if (ifNoneMatch !== undefined) return names(ifNoneMatch, object.etag) ? 'unmodified' : 'modified';
  if (ifModifiedSince === undefined || Number.isNaN(Date.parse(ifModifiedSince))) return 'modified';
  return isAfter(object, ifModifiedSince) ? 'modified' : 'unmodified';
}

/** Throws when a conditional write may not replace what is there. */
export function checkWrite(headers: IncomingHttpHeaders, current: StoredObject | null): void {
  const ifNoneMatch = headers['if-none-match'];
  if (ifNoneMatch !== undefined && current !== null && names(ifNoneMatch, current.etag)) throw preconditionFailed();
  const ifMatch = headers['if-match'];
  if (ifMatch === undefined) return;
  if (current === null) throw s3Failure('NoSuchKey', 'The specified key does not exist.');
  if (!names(ifMatch, current.etag)) throw preconditionFailed();
}

export interface ByteRange {
  readonly start: number;
  /** Inclusive. */
  readonly end: number;
}

/** The one range that was asked for; null for the whole object (no range, or a form that S3 answers with 200). */
export function readRange(header: string | undefined, size: number): ByteRange | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (match === null || (match[1] === '' && match[2] === '')) return null;
  const unsatisfiable = () =>
    s3Failure('InvalidRange', 'The requested range is not satisfiable', { 'content-range': `bytes */${size}` });
  if (match[1] === '') {
    const length = Math.min(Number(match[2]), size);
    if (length === 0) throw unsatisfiable();
    return { start: size - length, end: size - 1 };
  }
  const start = Number(match[1]);
  const end = match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1);
  if (match[2] !== '' && Number(match[2]) < start) return null;
  if (start >= size) throw unsatisfiable();
  return { start, end };
}
