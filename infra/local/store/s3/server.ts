/**
 * The embedded object store: speaks S3's REST protocol, path style, on 127.0.0.1.
 *
 *   createS3Server(options: S3Options): Promise<S3Server>     (types in ../interfaces.ts)
 *
 * Objects stream to and from plain files. Whom a signature names is asked for each call's right. The signatures of
 * what is handed out, presigned addresses and forms, are verified with all that they bind; those of headers are not.
 * Lifecycle configurations are kept but nothing expires by them. Sub-resources that are not served answer 501 with their name.
 */

import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Denial } from '../../permissions/access.ts';
import { bucketArn, objectAccesses } from '../../permissions/s3-access.ts';
import type { S3Options, S3Server } from '../interfaces.ts';
import { closeGently, listenLocally } from '../local-server.ts';
import * as buckets from './buckets.ts';
import { allowOrigin, answerPreflight, putCors } from './cors.ts';
import { postForm } from './form-upload.ts';
import { createMultipartUploads } from './multipart.ts';
import { openObjectFiles } from './object-files.ts';
import * as objects from './operations.ts';
import type { Rights, S3Call } from './operations.ts';
import { isS3Failure, s3Failure } from './s3-error.ts';
import { verifyPresigned } from './signatures.ts';
import type { S3Failure } from './s3-error.ts';
import { document } from './xml.ts';

type Handler = (call: S3Call) => Promise<void>;

/** Query parameters that make another operation of a request; one that is not in a table below is not served. */
const SUB_RESOURCES = new Set(
  (
    'accelerate acl analytics attributes cors encryption intelligent-tiering inventory legal-hold lifecycle location ' +
    'logging metrics notification object-lock ownershipControls policy policyStatus publicAccessBlock replication ' +
    'requestPayment restore retention select tagging torrent uploads uploadId versioning versions website delete'
  ).split(' '),
);

const BUCKET_HANDLERS: Record<string, Handler> = {
  'GET ': buckets.listObjects,
  'PUT ': buckets.createBucket,
  'HEAD ': buckets.headBucket,
  'DELETE ': buckets.deleteBucket,
  'POST ': postForm,
  'POST delete': objects.deleteObjects,
  'GET lifecycle': buckets.getLifecycle,
  'PUT lifecycle': buckets.putLifecycle,
  'PUT cors': putCors,
  'DELETE lifecycle': buckets.deleteLifecycle,
};

const OBJECT_HANDLERS: Record<string, Handler> = {
  'GET ': objects.getObject,
  'HEAD ': objects.getObject,
  'PUT ': objects.putObject,
  'DELETE ': objects.deleteObject,
  'POST uploads': objects.startUpload,
  'PUT uploadId': objects.uploadPart,
  'POST uploadId': objects.completeUpload,
  'GET uploadId': objects.listParts,
  'DELETE uploadId': objects.abortUpload,
};

const CREDENTIAL = /^AWS4-HMAC-SHA256 .*?Credential=([^/,\s]+)\//;

/** The access key id that signed the call or, for a presigned address, the address. */
function signerOf(request: IncomingMessage, query: URLSearchParams): string | undefined {
  const presigned = query.get('X-Amz-Credential')?.split('/')[0];
  return CREDENTIAL.exec(request.headers.authorization ?? '')?.[1] ?? presigned;
}

function subResourceOf(query: URLSearchParams): string {
  return [...query.keys()].find((name) => SUB_RESOURCES.has(name)) ?? '';
}

/** What the caller may do, as the operations ask for it. */
function createRights(access: S3Options['access'], signer: string | undefined): Rights {
  if (access === undefined) return { require: () => undefined, mayList: () => true };
  return {
    require: (needed) => {
      const denial = access.check({ accessKeyId: signer, ...needed });
      if (denial !== undefined) throw accessDenied(denial);
    },
    mayList: (bucket) => access.allows({ accessKeyId: signer, action: 's3:ListBucket', resource: bucketArn(bucket) }),
  };
}

function accessDenied({ isUnknown, message, caller }: Denial): S3Failure {
  if (!isUnknown) return s3Failure('AccessDenied', caller === 'anonymous' ? 'Access Denied' : message);
  return s3Failure('InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.');
}

function findHandler(method: string, call: Pick<S3Call, 'bucket' | 'key' | 'query'>): Handler {
  if (call.bucket === '') {
    if (method === 'GET') return buckets.listBuckets;
    throw s3Failure('MethodNotAllowed', 'The specified method is not allowed against this resource');
  }
  const subResource = subResourceOf(call.query);
  const handler = (call.key === '' ? BUCKET_HANDLERS : OBJECT_HANDLERS)[`${method} ${subResource}`];
  if (handler !== undefined) return handler;
  throw s3Failure('NotImplemented', `${method}${subResource === '' ? '' : ` ?${subResource}`} is not served here`);
}

function splitPath(pathname: string): { bucket: string; key: string } {
  const slash = pathname.indexOf('/', 1);
  const end = slash < 0 ? pathname.length : slash;
  return { bucket: decodeURIComponent(pathname.slice(1, end)), key: decodeURIComponent(pathname.slice(end + 1)) };
}

/** 20260101T000000Z */
function parseSigningDate(text: string): number {
  return Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}

function refuseExpired(query: URLSearchParams, now: number): void {
  if (!query.has('X-Amz-Signature')) return;
  const expiry = parseSigningDate(query.get('X-Amz-Date') ?? '') + Number(query.get('X-Amz-Expires') ?? NaN) * 1000;
  if (!(now < expiry)) throw s3Failure('AccessDenied', 'Request has expired');
}

function sendFailure(call: Pick<S3Call, 'request' | 'response'>, failure: S3Failure, requestId: string): void {
  const { request, response } = call;
  if (response.headersSent) return void response.destroy();
  const text = document('Error', [
    ['Code', failure.code],
    ['Message', failure.message],
    ['Resource', request.url ?? ''],
    ['RequestId', requestId],
  ]).replace(/ xmlns="[^"]*"/, '');
  const headers = { 'content-type': 'application/xml', 'content-length': Buffer.byteLength(text), ...failure.headers };
  // The rest of a refused upload passes by unseen, so that its client hears the refusal and no broken connection.
  request.resume();
  response.writeHead(failure.statusCode, headers);
  response.end(request.method === 'HEAD' ? undefined : text);
}

function asFailure(error: unknown): S3Failure {
  if (isS3Failure(error)) return error;
  if (error instanceof URIError) return s3Failure('InvalidArgument', "Couldn't parse the specified URI.");
  console.error('object store:', error);
  return Object.assign(s3Failure('InternalError', 'We encountered an internal error. Please try again.'), {
    statusCode: 500,
  });
}

export async function createS3Server(options: S3Options): Promise<S3Server> {
  const now = options.now ?? Date.now;
  const files = await openObjectFiles(options.directory, now);
  const uploads = createMultipartUploads({ directory: options.directory, now });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = randomUUID().replaceAll('-', '').slice(0, 16).toUpperCase();
    response.setHeader('x-amz-request-id', requestId);
    response.setHeader('x-amz-id-2', requestId);
    try {
      const [path = '/', search = ''] = (request.url ?? '/').split(/\?(.*)/s);
      const query = new URLSearchParams(search);
      const rightsOf = (accessKeyId: string | undefined) => createRights(options.access, accessKeyId);
      const rights = rightsOf(signerOf(request, query));
      const { secretOf } = options;
      const parts = { files, uploads, request, response, query, rights, rightsOf, secretOf, now };
      const call = { ...parts, ...splitPath(path) };
      const method = request.method ?? 'GET';
      const isAllowed = allowOrigin(files.cors(call.bucket), request, response);
      if (method === 'OPTIONS') return answerPreflight(isAllowed, response);
      refuseExpired(query, now());
      if (secretOf !== undefined && query.has('X-Amz-Signature')) {
        verifyPresigned({ method, path, search, headers: request.headers }, secretOf);
      }
      const handler = findHandler(method, call);
      const asked = { method, subResource: subResourceOf(query), headers: request.headers, ...call };
      for (const needed of objectAccesses(asked)) rights.require(needed);
      await handler(call);
    } catch (error) {
      sendFailure({ request, response }, asFailure(error), requestId);
    }
  }

  const server = createServer((request, response) => void serve(request, response));
  // SDK clients send `Expect: 100-continue` with larger bodies; a refusal then costs no upload.
  server.on('checkContinue', (request, response) => {
    response.writeContinue();
    void serve(request, response);
  });
  server.requestTimeout = 0;
  const port = await listenLocally(server, options.port);

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    createBucket: (name) => files.createBucket(name),
    close: () => closeGently(server),
  };
}
