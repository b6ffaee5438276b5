/** What the embedded services' HTTP servers share: this machine only, and an end that answers what is under way. */

import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A caller that never finishes must not keep the stack from stopping. */
const CLOSE_TIMEOUT_MS = 5000;
const IDLE_CHECK_MS = 20;

/** Listens on 127.0.0.1; 0 takes any free port. Answers the port. */
export function listenLocally(server: Server, port = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Refuses new connections, answers the calls under way, and tells each client to leave with its answer. */
export function closeGently(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.prependListener('request', (_request, response) => void response.setHeader('connection', 'close'));
    // A connection that was busy when the end began becomes idle later.
    const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
    const last = setTimeout(() => server.closeAllConnections(), CLOSE_TIMEOUT_MS);
    server.close(() => {
      clearInterval(idle);
      clearTimeout(last);
      resolve();
    });
    server.closeIdleConnections();
  });
}
