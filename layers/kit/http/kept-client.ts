import { Client, type Dispatcher } from 'undici';

/** Options of a call that wants to know on which kind of connection it goes out. */
export type KeptCallOptions = Dispatcher.DispatchOptions & {
  /** The call goes out on a connection that has carried another one before. */
  onKeptConnection?(): void;
};

/**
 * undici's client, which also tells whether a connection was kept from an earlier call. Such a one may have been closed
 * by the server a moment ago, and the news of it crosses the request (RFC 9112 §9.3.1).
 */
export class KeptClient extends Client {
  #used = false;

  constructor(origin: string | URL, options: Client.Options) {
    super(origin, options);
    this.on('disconnect', () => {
      this.#used = false;
    });
  }

  override dispatch(options: KeptCallOptions, handler: Dispatcher.DispatchHandler): boolean {
    if (this.#used && this.stats.connected) options.onKeptConnection?.();
    this.#used = true;
    return super.dispatch(options, handler);
  }
}

/** What a call meets on a connection that its server has closed meanwhile. */
const CLOSED_CODES: ReadonlySet<unknown> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

export function isClosedConnection(error: Error): boolean {
  return CLOSED_CODES.has((error as NodeJS.ErrnoException).code);
}
