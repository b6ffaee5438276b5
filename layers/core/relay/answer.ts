import { encodeErrorEnvelope } from '@sluice/kit/errors/envelopes';
import { GatewayError, isGatewayError } from '@sluice/kit/errors/gateway-error';
import type { Logger } from '@sluice/kit/log/logger';
import type { Exchange } from './exchange.ts';
import { noteUse, type KeyUseDeps } from './key-use.ts';

/** The client's side of an exchange. Nothing here throws, whatever the client does. */
export interface Answer {
  /** Status and headers went out. */
  readonly committed: boolean;
  /** Bytes of the upstream's answer went out, so that no other upstream may answer any more. */
  readonly hasContent: boolean;
  /** From the request's start to the first such byte; null while there is none. */
  readonly firstByteMs: number | null;
  head(status: number, headers: Record<string, string>): void;
  /** Bytes of the upstream's answer. */
  content(bytes: Uint8Array): void | Promise<void>;
  /** Bytes of ours between them: comments, errors, end markers. */
  aside(bytes: Uint8Array): void | Promise<void>;
  /** A whole error, or, where a stream has begun, an error event in it; a broken body where neither is possible. */
  fail(error: GatewayError): void;
  end(): void | Promise<void>;
}

export interface AnswerDeps extends KeyUseDeps {
  buildId: string;
}

export const STREAM_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
};

export function createAnswer(deps: AnswerDeps, exchange: Exchange): Answer {
  const { scheduler, buildId } = deps;
  let committed = false;
  let isStream = false;
  let broken = false;
  let firstByteMs: number | null = null;

  const head = (status: number, headers: Record<string, string>): void => {
    if (committed) return;
    committed = true;
    isStream = headers['content-type']?.startsWith('text/event-stream') ?? false;
    exchange.sink.head(status, { ...commonHeaders(exchange, buildId, scheduler.monotonicMs()), ...headers });
  };
  return {
    get committed() {
      return committed;
    },
    get hasContent() {
      return firstByteMs !== null;
    },
    get firstByteMs() {
      return firstByteMs;
    },
    head,
    content(bytes) {
      firstByteMs ??= scheduler.monotonicMs() - exchange.startedMono;
      return exchange.sink.write(bytes);
    },
    aside: (bytes) => exchange.sink.write(bytes),
    fail(error) {
      if (!committed) {
        const { status, headers, body } = encodeErrorEnvelope(exchange.envelope, error, exchange.requestId);
        const bytes = Buffer.from(body);
        head(status, { ...headers, 'content-length': String(bytes.length) });
        void exchange.sink.write(bytes);
      } else if (isStream) {
        void exchange.sink.write((exchange.tellInBand ?? exchange.format.encodeStreamError)(error));
      } else {
        broken = true;
        exchange.sink.destroy();
      }
    },
    end() {
      const noted = noteUse(deps, exchange);
      const end = (): void | Promise<void> => (broken ? undefined : exchange.sink.end());
      return noted === null ? end() : noted.then(end);
    },
  };
}

/** The headers of §14 that every answer carries, with what is known when they go. */
export function commonHeaders(exchange: Exchange, buildId: string, nowMono: number): Record<string, string> {
  const headers: Record<string, string> = {
    'x-request-id': exchange.clientRequestId ?? exchange.requestId,
    'x-sluice-request-id': exchange.requestId,
    'x-sluice-build': buildId,
    ...exchange.surfaceHeaders,
  };
  const timings = [...exchange.timings, { name: 'total', durationMs: nowMono - exchange.startedMono }];
  headers['server-timing'] = timings.map(({ name, durationMs }) => `${name};dur=${durationMs.toFixed(2)}`).join(', ');
  if (exchange.warnings.length > 0) headers['x-sluice-warnings'] = exchange.warnings.join(', ');
  const role = exchange.caller?.user.role;
  if (role === 'admin' || role === 'super_admin') Object.assign(headers, operatorHeaders(exchange));
  return headers;
}

function operatorHeaders({ servedBy }: Exchange): Record<string, string> {
  if (servedBy === null) return {};
  return {
    'x-sluice-upstream': encodeURIComponent(servedBy.upstream),
    'x-sluice-credential': encodeURIComponent(servedBy.credential),
    'x-sluice-attempts': String(servedBy.attempt),
  };
}

/** Tells of what went wrong before there was an answer, and logs what is ours. */
export async function failExchange(
  deps: AnswerDeps & { logger: Pick<Logger, 'error'> },
  exchange: Exchange,
  thrown: unknown,
): Promise<void> {
  const error = asGatewayError(thrown);
  const fields = { request_id: exchange.requestId, code: error.code, internal: error.internal };
  if (error.status >= 500) deps.logger.error('front_error', fields);
  const answer = createAnswer(deps, exchange);
  answer.fail(error);
  await answer.end();
}

/** Whatever was thrown, as something that may be told. */
export function asGatewayError(error: unknown): GatewayError {
  if (isGatewayError(error)) return error;
  const internal = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new GatewayError('internal_error', { message: 'Something went wrong on our side.', internal, cause: error });
}
