// The bare pass-through that the gateway is measured against: `node:http` piped to `node:http` and back.
import { Agent, createServer, request } from 'node:http';
import { report } from './measured.mjs';

const port = Number(process.env['UPSTREAM_PORT']);
const agent = new Agent({ keepAlive: true, maxSockets: 256 });

report(
  createServer((incoming, outgoing) => {
    const onward = request(
      { host: '127.0.0.1', port, path: incoming.url, method: incoming.method, headers: incoming.headers, agent },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  }),
);
