import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorCode, StartError } from './start-error.ts';

/** Listens on loopback; answers the port. @throws StartError when another program has it. */
export function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const isTaken = errorCode(error) === 'EADDRINUSE';
      reject(
        isTaken
          ? new StartError(`Port ${port} is taken by another program. Choose one with --port N (0 takes any).`)
          : error,
      );
    });
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

/** Whether nothing listens on this port now. */
export async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await listen(server, port);
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
