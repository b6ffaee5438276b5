/** An error of the object store, as its XML protocol carries it. */
export interface S3Failure extends Error {
  readonly code: string;
  readonly statusCode: number;
  readonly headers: Record<string, string>;
}

const STATUS: Record<string, number> = {
  AccessDenied: 403,
  AccessForbidden: 403,
  BadDigest: 400,
  BucketNotEmpty: 409,
  EntityTooLarge: 400,
  EntityTooSmall: 400,
  InvalidAccessKeyId: 403,
  InvalidArgument: 400,
  InvalidBucketName: 400,
  InvalidPart: 400,
  InvalidPartOrder: 400,
  InvalidPolicyDocument: 400,
  InvalidRange: 416,
  MalformedPOSTRequest: 400,
  MalformedXML: 400,
  MethodNotAllowed: 405,
  NoSuchBucket: 404,
  NoSuchKey: 404,
  NoSuchLifecycleConfiguration: 404,
  NoSuchUpload: 404,
  NotImplemented: 501,
  PreconditionFailed: 412,
  SignatureDoesNotMatch: 403,
};

export function s3Failure(code: string, message: string, headers: Record<string, string> = {}): S3Failure {
  return Object.assign(new Error(message), { code, statusCode: STATUS[code] ?? 400, headers });
}

export function isS3Failure(error: unknown): error is S3Failure {
  return error instanceof Error && 'code' in error && 'statusCode' in error;
}
