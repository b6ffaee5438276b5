import type { Socket } from 'node:net';
import type { ErrorCode } from '../errors/catalogue.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import type { EncodeError, PlainResponse } from './exchange.ts';
import { originForm } from './request-target.ts';

/** What Node's HTTP server refuses before there is a request: bad syntax, heads too large, clients too slow. */
interface ClientError extends NodeJS.ErrnoException {
  /** The bytes in which the fault was found; the request's first ones only when it came in one piece. */
  rawPacket?: Buffer;
}

/** Its codes; everything else is bad syntax. */
const FAULTS: Readonly<Record<string, readonly [ErrorCode, statusLine: string, message: string]>> = {
  HPE_HEADER_OVERFLOW: [
    'headers_too_large',
    '431 Request Header Fields Too Large',
    'The request headers are too large.',
  ],
  ERR_HTTP_REQUEST_TIMEOUT: ['request_timeout', '408 Request Timeout', 'The request did not arrive in time.'],
};
const BAD_SYNTAX = ['bad_request', '400 Bad Request', 'This is not a valid HTTP/1.1 request.'] as const;

/** Says it as JSON, in the dialect of the path where the request line can be read, and closes the connection. */
export function refuseMalformed(encodeError: EncodeError, error: ClientError, socket: Socket): void {
  // Behind the first bytes of an answer another one would be taken for a part of it.
  if (!socket.writable || error.code === 'ECONNRESET' || hasBegunAnswer(socket)) {
    socket.destroy();
    return;
  }
  const [code, statusLine, message] = FAULTS[error.code ?? ''] ?? BAD_SYNTAX;
  const answer = encodeError({ path: readPath(error.rawPacket), headers: {} }, new GatewayError(code, { message }));
  write(socket, statusLine, answer);
}

/** A client that takes us for a proxy. */
export function refuseConnect(encodeError: EncodeError, socket: Socket): void {
  const error = new GatewayError('method_not_allowed', {
    message: 'This server is not a proxy.',
    headers: { allow: '' },
  });
  socket.on('error', () => socket.destroy());
  write(socket, '405 Method Not Allowed', encodeError({ path: '', headers: {} }, error));
}

function write(socket: Socket, statusLine: string, { headers, body }: PlainResponse): void {
  const bytes = Buffer.from(body);
  const lines = Object.entries({ ...headers, connection: 'close', 'content-length': String(bytes.length) });
  const head = lines.map(([name, value]) => `${name}: ${String(value)}\r\n`).join('');
  socket.end(Buffer.concat([Buffer.from(`HTTP/1.1 ${statusLine}\r\n${head}\r\n`, 'latin1'), bytes]));
}

/** Node keeps the response that it is writing on the socket: https://nodejs.org/api/http.html#event-clienterror */
function hasBegunAnswer(socket: Socket): boolean {
  const { _httpMessage: current } = socket as Socket & { _httpMessage?: { headersSent: boolean } | null };
  return current?.headersSent === true;
}

function readPath(packet: Buffer | undefined): string {
  const [, target = ''] = /^[A-Z]+ (\S+) HTTP\//.exec(packet?.toString('latin1', 0, 8_192) ?? '') ?? [];
  return originForm(target).split('?', 1)[0] as string;
}
