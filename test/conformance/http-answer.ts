import type { RuntimeAnswer } from './runtime-api.ts';

/** An answer that the function URL's service would make of what the runtime sent. */
export interface HttpAnswer {
  status: number;
  headers: Record<string, string>;
  cookies: string[];
  /** Waits for the next piece of the body; null is its end. */
  next(): Promise<string | null>;
  /** All that is left of the body. */
  rest(): Promise<string>;
  /** Of the failure that the runtime reported behind the body; undefined when all went well. */
  errorType(): string | undefined;
}

const INTEGRATION = 'application/vnd.awslambda.http-integration-response';
const DELIMITER = Buffer.alloc(8);

/** Reads the prelude: JSON, eight NUL bytes, then the body. @throws when the answer is not of that kind */
export async function readHttpAnswer(answer: RuntimeAnswer): Promise<HttpAnswer> {
  const { kind, headers, pieces } = answer;
  if (kind !== 'response' || headers['lambda-runtime-function-response-mode'] !== 'streaming') {
    throw new Error(`the runtime posted ${kind}, ${headers['lambda-runtime-function-response-mode'] ?? 'buffered'}`);
  }
  if (headers['content-type'] !== INTEGRATION) throw new Error(`content-type ${headers['content-type']}`);
  let head = Buffer.alloc(0);
  while (head.indexOf(DELIMITER) < 0) {
    const piece = await pieces.next();
    if (piece.done === true) throw new Error(`the answer ended within its prelude: ${head.toString('utf8')}`);
    head = Buffer.concat([head, piece.value]);
  }
  const at = head.indexOf(DELIMITER);
  let first: Buffer | null = head.subarray(at + DELIMITER.length);
  const prelude = JSON.parse(head.subarray(0, at).toString('utf8')) as {
    statusCode: number;
    headers?: Record<string, string>;
    cookies?: string[];
  };
  const next = async (): Promise<string | null> => {
    const held = first;
    first = null;
    if (held !== null && held.length > 0) return held.toString('utf8');
    const piece = await pieces.next();
    return piece.done === true ? null : piece.value.toString('utf8');
  };
  return {
    status: prelude.statusCode,
    headers: prelude.headers ?? {},
    cookies: prelude.cookies ?? [],
    next,
    rest: async () => {
      const parts: string[] = [];
      for (let part = await next(); part !== null; part = await next()) parts.push(part);
      return parts.join('');
    },
    errorType: () => answer.trailers()['lambda-runtime-function-error-type'],
  };
}
