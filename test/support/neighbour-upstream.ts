import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A second upstream that shares no code with the runner's sandbox: what an operator's own server might look like. */
export interface NeighbourUpstream {
  /** With `/v1`. */
  baseUrl: string;
  secret: string;
  /** Bodies that came with the right secret. */
  bodies: string[];
  close(): Promise<void>;
}

const PIECES = ['Good', ' day', ' from', ' next', ' door'];

function chunk(delta: object, finishReason: string | null): string {
  const choice = { index: 0, delta, finish_reason: finishReason };
  const body = { id: 'n-1', object: 'chat.completion.chunk', created: 1, model: 'own-model', choices: [choice] };
  return `data: ${JSON.stringify(body)}\r\n\r\n`;
}

/** Speaks the protocol with other habits: CRLF lines, comments, usage without details, an extra field. */
export async function startNeighbourUpstream(): Promise<NeighbourUpstream> {
  const secret = 'own-server-secret-0123456789';
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      if (request.headers.authorization !== `Bearer ${secret}` || request.url !== '/v1/chat/completions') {
        response.writeHead(401, { 'content-type': 'application/json' });
        response.end('{"error":{"message":"who are you","type":"auth","param":null,"code":null}}');
        return;
      }
      const text = Buffer.concat(parts).toString('utf8');
      bodies.push(text);
      const asked = JSON.parse(text) as { stream?: boolean; stream_options?: { include_usage?: boolean } };
      const usage = { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 };
      if (asked.stream !== true) {
        response.writeHead(200, { 'content-type': 'application/json', 'x-neighbour': 'yes' });
        const message = { role: 'assistant', content: PIECES.join('') };
        const choices = [{ index: 0, message, finish_reason: 'stop' }];
        const body = {
          id: 'n-1',
          object: 'chat.completion',
          created: 1,
          model: 'own-model',
          choices,
          usage,
          mood: 'sunny',
        };
        response.end(JSON.stringify(body));
        return;
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(': welcome\r\n\r\n');
      for (const piece of PIECES) response.write(chunk({ content: piece }, null));
      response.write(chunk({}, 'stop'));
      if (asked.stream_options?.include_usage === true) {
        response.write(
          `data: ${JSON.stringify({ id: 'n-1', object: 'chat.completion.chunk', created: 1, model: 'own-model', choices: [], usage })}\r\n\r\n`,
        );
      }
      response.end('data: [DONE]\r\n\r\n');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    secret,
    bodies,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
