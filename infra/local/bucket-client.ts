import { OPERATOR } from './permissions/rules.ts';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-s3-bucket-corsrule.html */
export interface CorsRule {
  readonly AllowedOrigins: readonly string[];
  readonly AllowedMethods: readonly string[];
  readonly AllowedHeaders?: readonly string[];
  readonly ExposedHeaders?: readonly string[];
  readonly MaxAge?: number;
}

/** What the runner itself does with the embedded S3. */
export interface BucketClient {
  /** Which pages may send to it: the rules of the template. */
  setCors(bucket: string, rules: readonly CorsRule[]): Promise<void>;
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
    setCors: (bucket, rules) => send(`${bucket}?cors`, { method: 'PUT', body: corsDocument(rules) }, [200]),
    createBucket: (bucket) => send(bucket, { method: 'PUT' }, [200, 409]),
    put: ({ bucket, key, body, headers }) =>
      send(
        `${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`,
        { method: 'PUT', body: new Uint8Array(body), headers },
        [200],
      ),
  };
}

function corsDocument(rules: readonly CorsRule[]): string {
  const each = (name: string, values: readonly string[] = []): string =>
    values.map((value) => `<${name}>${value}</${name}>`).join('');
  const text = rules.map((rule) => {
    const age = rule.MaxAge === undefined ? [] : [String(rule.MaxAge)];
    const lists = [
      each('AllowedOrigin', rule.AllowedOrigins),
      each('AllowedMethod', rule.AllowedMethods),
      each('AllowedHeader', rule.AllowedHeaders),
      each('ExposeHeader', rule.ExposedHeaders),
      each('MaxAgeSeconds', age),
    ];
    return `<CORSRule>${lists.join('')}</CORSRule>`;
  });
  return `<CORSConfiguration>${text.join('')}</CORSConfiguration>`;
}
