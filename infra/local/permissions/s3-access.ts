/**
 * What a call to the object store needs
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html).
 */

import type { AccessCall } from './access.ts';

type Access = Pick<AccessCall, 'action' | 'resource' | 'context'>;

export interface ObjectCall {
  readonly method: string;
  /** The query parameter that makes another operation of it, or ''. */
  readonly subResource: string;
  readonly bucket: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

const BUCKET_ACTIONS: Readonly<Record<string, string>> = {
  'GET ': 'ListBucket',
  'HEAD ': 'ListBucket',
  'PUT ': 'CreateBucket',
  'DELETE ': 'DeleteBucket',
  'GET lifecycle': 'GetLifecycleConfiguration',
  'PUT lifecycle': 'PutLifecycleConfiguration',
  'PUT cors': 'PutBucketCORS',
  'DELETE lifecycle': 'PutLifecycleConfiguration',
};

const OBJECT_ACTIONS: Readonly<Record<string, string>> = {
  'GET ': 'GetObject',
  'HEAD ': 'GetObject',
  'PUT ': 'PutObject',
  'DELETE ': 'DeleteObject',
  'POST uploads': 'PutObject',
  'PUT uploadId': 'PutObject',
  'POST uploadId': 'PutObject',
  'GET uploadId': 'ListMultipartUploadParts',
  'DELETE uploadId': 'AbortMultipartUpload',
};

export const bucketArn = (bucket: string): string => `arn:aws:s3:::${bucket}`;
export const objectArn = (bucket: string, key: string): string => `arn:aws:s3:::${bucket}/${key}`;

/** Deletions of several objects at once are checked one by one where their names are read. */
export function objectAccesses({ method, subResource, bucket, key, headers }: ObjectCall): Access[] {
  if (bucket === '') return [{ action: 's3:ListAllMyBuckets', resource: '*' }];
  const operation = `${method} ${subResource}`;
  if (key === '') {
    const action = BUCKET_ACTIONS[operation];
    return action === undefined ? [] : [{ action: `s3:${action}`, resource: bucketArn(bucket) }];
  }
  const action = OBJECT_ACTIONS[operation];
  if (action === undefined) return [];
  const source = headers['x-amz-copy-source'];
  const needed: Access[] = [
    { action: `s3:${action}`, resource: objectArn(bucket, key), context: () => aclContext(headers) },
  ];
  if (source !== undefined) {
    needed.push({
      action: 's3:GetObject',
      resource: `arn:aws:s3:::${decodeURIComponent(String(source)).replace(/^\//, '')}`,
    });
  }
  if (headers['x-amz-tagging'] !== undefined) {
    needed.push({ action: 's3:PutObjectTagging', resource: objectArn(bucket, key) });
  }
  return needed;
}

function aclContext(headers: ObjectCall['headers']): Record<string, string[]> {
  const acl = headers['x-amz-acl'];
  return acl === undefined ? {} : { 's3:x-amz-acl': [String(acl)] };
}
