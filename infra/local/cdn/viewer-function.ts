import { createHash, createHmac } from 'node:crypto';
import querystring from 'node:querystring';
import { createContext, runInContext, Script } from 'node:vm';
import { installShiftedClock, type ShiftedClock } from '../clock.ts';
import { StartError } from '../start-error.ts';

export interface EventValue {
  value: string;
  multiValue?: { value: string }[];
}

/** The request as a CloudFront function sees it; header names are in lower case. */
export interface ViewerRequest {
  method: string;
  uri: string;
  querystring: Record<string, EventValue>;
  headers: Record<string, EventValue>;
  cookies: Record<string, EventValue>;
}

export interface ViewerResponse {
  statusCode: number;
  statusDescription?: string;
  headers?: Record<string, EventValue>;
  cookies?: Record<string, EventValue & { attributes?: string }>;
  body?: string | { encoding: 'text' | 'base64'; data: string };
}

export interface ViewerEvent {
  readonly request: ViewerRequest;
  readonly viewerIp: string;
  readonly requestId: string;
  /** What the origin answered, without its body; of a viewer-response event. */
  readonly response?: ViewerResponse;
}

export interface ViewerFunction {
  /** Answers the request to send on, or the response to give at once. Throws what the function throws. */
  run(event: ViewerEvent): Promise<ViewerRequest | ViewerResponse>;
  readonly clock: ShiftedClock;
}

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html */
const MODULES: Readonly<Record<string, unknown>> = {
  crypto: { createHash, createHmac },
  querystring,
  buffer: { Buffer },
};

/** Runs a CloudFront function's code in a context of its own, without file, network or timers. */
export function createViewerFunction(options: { name: string; code: string; clockOffsetMs: number }): ViewerFunction {
  const context = createContext({
    require: (name: string) => MODULES[name] ?? fail(`Cannot find module "${name}"`),
    console: { log: () => undefined, error: () => undefined },
    Buffer,
    TextDecoder,
    TextEncoder,
    atob,
    btoa,
  });
  const global = runInContext('globalThis', context) as typeof globalThis;
  const clock = installShiftedClock(global, options.clockOffsetMs);
  const handler = compile(options, context);
  return {
    clock,
    run: async ({ request, viewerIp, requestId, response }) => {
      const eventType = response === undefined ? 'viewer-request' : 'viewer-response';
      const event = {
        version: '1.0',
        context: { eventType, distributionDomainName: 'local', distributionId: 'local', requestId },
        viewer: { ip: viewerIp },
        request,
        ...(response === undefined ? {} : { response }),
      };
      const result = await handler(event);
      if (typeof result !== 'object' || result === null)
        throw new Error('The function returned no request or response');
      return result as ViewerRequest | ViewerResponse;
    },
  };
}

function compile(options: { name: string; code: string }, context: object): (event: unknown) => unknown {
  try {
    new Script(options.code, { filename: `${options.name}.js` }).runInContext(context as never);
    const handler = runInContext('handler', context as never) as unknown;
    if (typeof handler === 'function') return handler as (event: unknown) => unknown;
    throw new Error('it defines no function "handler"');
  } catch (error) {
    throw new StartError(`The CloudFront function ${options.name} cannot be loaded: ${String(error)}`);
  }
}

export function isViewerResponse(result: ViewerRequest | ViewerResponse): result is ViewerResponse {
  return 'statusCode' in result;
}

/** Splits `a=1&b&a=2` without decoding anything, as CloudFront does. */
export function parseQuery(text: string): Record<string, EventValue> {
  const values: Record<string, EventValue> = Object.create(null) as Record<string, EventValue>;
  for (const part of text === '' ? [] : text.split('&')) {
    const mark = part.indexOf('=');
    addValue(values, mark === -1 ? part : part.slice(0, mark), mark === -1 ? '' : part.slice(mark + 1));
  }
  return values;
}

export function formatQuery(values: Record<string, EventValue>): string {
  return Object.entries(values)
    .flatMap(([name, entry]) => valuesOf(entry).map((value) => (value === '' ? name : `${name}=${value}`)))
    .join('&');
}

export function parseCookies(header: string | undefined): Record<string, EventValue> {
  const values: Record<string, EventValue> = Object.create(null) as Record<string, EventValue>;
  for (const part of header?.split(';') ?? []) {
    const mark = part.indexOf('=');
    if (mark > 0) addValue(values, part.slice(0, mark).trim(), part.slice(mark + 1).trim());
  }
  return values;
}

export function formatCookies(values: Record<string, EventValue>): string {
  return Object.entries(values)
    .flatMap(([name, entry]) => valuesOf(entry).map((value) => `${name}=${value}`))
    .join('; ');
}

/** All values of an entry; `multiValue` wins, since it holds the first one too. */
export function valuesOf(entry: EventValue): string[] {
  return entry.multiValue?.map(({ value }) => value) ?? [entry.value];
}

export function addValue(values: Record<string, EventValue>, name: string, value: string): void {
  const former = values[name];
  if (former === undefined) values[name] = { value };
  else (former.multiValue ??= [{ value: former.value }]).push({ value });
}

function fail(reason: string): never {
  throw new Error(reason);
}
