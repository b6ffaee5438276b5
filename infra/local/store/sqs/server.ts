/**
 * The embedded queue service (SQS), in memory, on 127.0.0.1: for the queues that keep what a schedule failed to do.
 *
 *   createQueueServer({ port? }): Promise<QueueServer>
 *
 * fauxqs as it is; only its application is used, since its own start listens on every address.
 */

import { buildApp } from 'fauxqs';

export interface QueueServer {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

export async function createQueueServer({ port = 0 }: { port?: number } = {}): Promise<QueueServer> {
  const app = buildApp({ logger: false });
  const url = await app.listen({ host: '127.0.0.1', port });
  return { url, port: Number(new URL(url).port), close: () => app.close() };
}
