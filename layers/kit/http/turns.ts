import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Requests that one connection may have waiting behind the one that is worked on. */
const MOST_WAITING = 16;

/** The requests of one connection, of which one at a time is worked on. */
interface Line {
  waiting: (() => void)[];
  /** Too many came; what was sent behind them is not looked at. */
  overrun: boolean;
}

export interface Ends {
  request: IncomingMessage;
  response: ServerResponse;
}

export interface Turns {
  /**
   * Calls `work` when all earlier requests of the connection have been answered, and `refuse` in its place when too
   * many wait already: Node itself would hand out everything that a client sent ahead (pipelining) at once.
   */
  take(ends: Ends, work: () => void, refuse: () => void): void;
}

export function createTurns(): Turns {
  const lines = new WeakMap<Socket, Line>();

  const finish = (socket: Socket, line: Line): void => {
    const next = line.waiting.shift();
    if (next) next();
    else lines.delete(socket);
  };

  return {
    take({ request, response }, work, refuse) {
      const { socket } = request;
      const line = lines.get(socket);
      if (line === undefined) {
        const fresh: Line = { waiting: [], overrun: false };
        lines.set(socket, fresh);
        response.once('close', () => finish(socket, fresh));
        work();
        return;
      }
      if (line.overrun) return;
      line.overrun = line.waiting.length >= MOST_WAITING;
      const { overrun } = line;
      line.waiting.push(() => {
        if (socket.destroyed) return;
        response.once('close', () => finish(socket, line));
        (overrun ? refuse : work)();
      });
    },
  };
}
