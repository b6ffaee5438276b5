import { OPERATOR } from './permissions/rules.ts';

/** What the runner itself does with the embedded S3. */
export interface BucketClient {
  /** Creates a bucket; one that is there already stays. */
  createBucket(bucket: string): Promise<void>;
  put(object: { bucket: string; key: string; body: Buffer; headers: Readonly<Record<string, string>> }): Promise<void>;
}

/** The embedded service reads the caller's name only. */
export function signAs(accessKeyId: string): string {
  return `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0`;
}

/** @param accessKeyId of whoever the runner acts for; its own when absent */
export function createBucketClient(url: string, accessKeyId: string = OPERATOR): BucketClient {
  const send = async (path: string, init: RequestInit, accepted: readonly number[]): Promise<void> => {
    const headers = { authorization: signAs(accessKeyId), 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD', ...init.headers };
    const response = await fetch(`${url}/${path}`, { ...init, headers });
    const text = await response.text();
    if (!accepted.includes(response.status))
      throw new Error(`S3 ${init.method} ${path}: ${response.status} ${text.slice(0, 300)}`);
  };
  return {
    createBucket: (bucket) => send(bucket, { method: 'PUT' }, [200, 409]),
    put: ({ bucket, key, body, headers }) =>
      send(
        `${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`,
        { method: 'PUT', body: new Uint8Array(body), headers },
        [200],
      ),
  };
}
