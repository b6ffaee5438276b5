import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { createAnswerParser, type AnswerParser, type WholeAnswer } from './answer-parser.ts';

/**
 * Sends small requests to one origin over kept connections, each as one write, and reads small answers whole. It does
 * what a client of a store needs and nothing else, for a fraction of the CPU of a general one.
 */
export interface PostClient {
  /**
   * @param head request line and headers, the empty line included; ASCII
   * @throws PostError
   */
  send(head: string, body: string): Promise<WholeAnswer>;
  /** Waits for what is under way. */
  close(): Promise<void>;
}

export interface PostClientOptions {
  /** `http://host:port` or `https://host`. */
  origin: string;
  /** Further requests wait their turn. */
  connections: number;
  /** For name look-up, TCP and TLS together. */
  connectTimeoutMs: number;
  /** From the request to the end of its answer. */
  answerTimeoutMs: number;
  /** An idle connection older than this is not used again. */
  keepAliveMs: number;
  /** Certificates to trust instead of the system's, PEM. */
  trusted?: readonly string[];
}

/** The request or its answer came to nothing. */
export class PostError extends Error {
  /** False: not a byte of the request left. */
  readonly sent: boolean;
  /** Of the system, or one of ours. */
  readonly code: string;

  constructor(facts: { code: string; sent: boolean; cause?: unknown }) {
    super(facts.cause instanceof Error ? facts.cause.message : facts.code, { cause: facts.cause });
    this.name = 'PostError';
    this.code = facts.code;
    this.sent = facts.sent;
  }
}

interface Call {
  head: string;
  body: string;
  /** Wall clock. */
  since: number;
  resolve(answer: WholeAnswer): void;
  reject(error: PostError): void;
}

interface Connection {
  socket: Socket;
  parser: AnswerParser;
  /** What it carries now. */
  call: Call | null;
  isOpen: boolean;
  /** Wall clock: when the call began, the connection was begun, or its last call ended. */
  since: number;
}

interface State {
  options: PostClientOptions;
  connections: Set<Connection>;
  idle: Connection[];
  waiting: Call[];
  /** Looks after time limits; runs while there are connections. */
  watch: NodeJS.Timeout | null;
  onEmpty: (() => void) | null;
}

const WATCH_MS = 250;
/** All connections read into it, since every read is taken in before the next one. */
const READ_BUFFER_BYTES = 64 * 1024;

export function createPostClient(options: PostClientOptions): PostClient {
  const state: State = { options, connections: new Set(), idle: [], waiting: [], watch: null, onEmpty: null };
  const readBuffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
  return {
    send: (head, body) =>
      new Promise((resolve, reject) => {
        const call: Call = { head, body, since: Date.now(), resolve, reject };
        const connection = takeIdle(state);
        if (connection !== null) write(connection, call);
        else if (state.connections.size < options.connections) open(state, readBuffer, call);
        else state.waiting.push(call);
      }),
    async close() {
      for (const { socket } of state.idle.splice(0)) socket.destroy();
      if (state.connections.size === 0) return;
      await new Promise<void>((resolve) => {
        state.onEmpty = resolve;
      });
    },
  };
}

/** The one used last: the others grow old and are closed. */
function takeIdle({ idle, options }: State): Connection | null {
  for (;;) {
    const connection = idle.pop();
    if (connection === undefined) return null;
    // A machine that slept wakes up with connections that the other side has long forgotten.
    if (Math.abs(Date.now() - connection.since) < options.keepAliveMs) return connection;
    connection.socket.destroy();
  }
}

function write(connection: Connection, call: Call): void {
  const { head, body } = call;
  connection.call = call;
  connection.since = Date.now();
  connection.socket.write(head + body, Buffer.byteLength(body) === body.length ? 'latin1' : 'utf8');
}

function open(state: State, readBuffer: Buffer, call: Call): void {
  const isTls = state.options.origin.startsWith('https:');
  const socket = connectTo(
    state.options,
    (count) => {
      receive(state, connection, readBuffer.subarray(0, count));
      return true;
    },
    readBuffer,
  );
  const connection: Connection = { socket, parser: createAnswerParser(), call, isOpen: false, since: Date.now() };
  state.connections.add(connection);
  state.watch ??= setInterval(() => lookAfterTimes(state), WATCH_MS).unref();
  socket.once(isTls ? 'secureConnect' : 'connect', () => {
    connection.isOpen = true;
    if (connection.call) write(connection, connection.call);
  });
  socket.on('error', (cause: NodeJS.ErrnoException) => fail(connection, cause.code ?? 'UNKNOWN', cause));
  socket.on('end', () => {
    const answer = connection.call && connection.parser.end();
    if (answer) finish(state, connection, answer);
    socket.destroy();
  });
  socket.on('close', () => {
    fail(connection, 'ECONNRESET');
    forget(state, connection);
    const next = state.waiting.shift();
    if (next) open(state, readBuffer, next);
  });
}

function connectTo(
  { origin, trusted }: PostClientOptions,
  onBytes: (count: number) => boolean,
  buffer: Buffer,
): Socket {
  const { protocol, hostname, port } = new URL(origin);
  const host = hostname.replace(/^\[|\]$/g, '');
  const shared = { host, noDelay: true, onread: { buffer, callback: onBytes } };
  if (protocol === 'http:') return connectPlain({ ...shared, port: Number(port) || 80 });
  // An address is no server name (RFC 6066).
  const servername = isIP(host) === 0 ? host : '';
  return connectTls({
    ...shared,
    port: Number(port) || 443,
    servername,
    ALPNProtocols: ['http/1.1'],
    ...(trusted && { ca: [...trusted] }),
  });
}

function receive(state: State, connection: Connection, bytes: Buffer): void {
  const { socket, parser } = connection;
  // Nobody asked: whatever this is, the next answer would be mistaken.
  if (connection.call === null) {
    socket.destroy();
    return;
  }
  try {
    const answer = parser.push(bytes);
    if (answer !== null) finish(state, connection, answer);
  } catch (error) {
    fail(connection, 'NOT_HTTP', error);
    socket.destroy();
  }
}

function finish(state: State, connection: Connection, answer: WholeAnswer): void {
  const { call } = connection;
  connection.call = null;
  connection.since = Date.now();
  call?.resolve(answer);
  if (!answer.isKept || state.onEmpty !== null) {
    connection.socket.destroy();
    return;
  }
  const next = state.waiting.shift();
  if (next) write(connection, next);
  else state.idle.push(connection);
}

function fail(connection: Connection, code: string, cause?: unknown): void {
  const { call } = connection;
  connection.call = null;
  call?.reject(new PostError({ code, sent: connection.isOpen, cause }));
}

function forget(state: State, connection: Connection): void {
  state.connections.delete(connection);
  const at = state.idle.indexOf(connection);
  if (at >= 0) state.idle.splice(at, 1);
  if (state.connections.size > 0) return;
  if (state.watch) clearInterval(state.watch);
  state.watch = null;
  state.onEmpty?.();
}

function lookAfterTimes({ connections, waiting, options }: State): void {
  const now = Date.now();
  while (waiting[0] && Math.abs(now - waiting[0].since) >= options.answerTimeoutMs) {
    waiting.shift()?.reject(new PostError({ code: 'NO_CONNECTION', sent: false }));
  }
  for (const connection of connections) {
    const { call, isOpen, socket } = connection;
    const age = Math.abs(now - connection.since);
    if (call === null) {
      if (age >= options.keepAliveMs) socket.destroy();
    } else if (age >= (isOpen ? options.answerTimeoutMs : options.connectTimeoutMs)) {
      fail(connection, isOpen ? 'ANSWER_TIMEOUT' : 'CONNECT_TIMEOUT');
      socket.destroy();
    }
  }
}
