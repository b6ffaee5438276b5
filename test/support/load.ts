import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import type { Ready } from './stack.ts';

/** Many calls at once over plain HTTP, cheap enough that the caller is not what is measured. */

export interface LoadAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
  /** The connection ended before the answer did. */
  broken: boolean;
}

interface LoadCall {
  secret: string;
  body: string;
  /** Told the bytes so far at each piece of the body. */
  onPiece?: (soFar: string) => void;
}

export interface Load {
  call(call: LoadCall): Promise<LoadAnswer>;
  /** Sends the same call so many times at once; no more sockets are open at a time than the load has. */
  parallel(count: number, call: LoadCall): Promise<LoadAnswer[]>;
  close(): void;
}

/** Callers that share up to `sockets` connections to the gateway's public address. */
export function createLoad(ready: Ready, sockets: number): Load {
  const agent = new Agent({ keepAlive: true, maxSockets: sockets });
  const url = new URL(`${ready.url}/v1/chat/completions`);

  const call = ({ secret, body, onPiece }: LoadCall): Promise<LoadAnswer> =>
    new Promise((resolve, reject) => {
      const headers = {
        authorization: `Bearer ${secret}`,
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(body)),
      };
      const request = httpRequest(url, { method: 'POST', agent, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (piece: string) => {
          text += piece;
          onPiece?.(text);
        });
        const { statusCode = 0, headers: answered } = response;
        const done = (): void =>
          resolve({ status: statusCode, headers: answered, body: text, broken: !response.complete });
        response.on('close', done);
        response.on('error', done);
      });
      request.on('error', reject);
      request.end(body);
    });

  return {
    call,
    parallel: (count, one) => Promise.all(Array.from({ length: count }, () => call(one))),
    close: () => agent.destroy(),
  };
}

export function countByStatus(answers: readonly LoadAnswer[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

/** A promise that a test lets go of: what waits for it stays where it is until then. */
interface Gate {
  opened: Promise<void>;
  open(): void;
}

export function createGate(): Gate {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: () => resolve() };
}
