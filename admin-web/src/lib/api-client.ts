import type { z } from 'zod';

/** One finding about a sent document: where it is (`models[0].name`) and what is wrong there. */
export interface Finding {
  path: string;
  message: string;
}

/**
 * A refused or failed call. `message` is the server's own sentence, made for people; `status` is 0 when no answer came
 * at all; `findings` lists what is wrong by path, where the server said so.
 */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly findings: Finding[];

  constructor(facts: { status: number; code: string; message: string; findings?: Finding[] }) {
    super(facts.message);
    this.name = 'ApiError';
    this.status = facts.status;
    this.code = facts.code;
    this.findings = facts.findings ?? [];
  }
}

export interface ApiCall<Schema extends z.ZodType> {
  method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** From the root of this host, e.g. `/api/keys`. */
  path: string;
  /** Undefined and empty values are left out. */
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  /** What the answer's `data` must look like; a deviating answer is an `ApiError` with code `unexpected_answer`. */
  schema: Schema;
  signal?: AbortSignal | undefined;
}

/** Calls the admin API with the cookie session and unwraps `{success: true, data}`. Throws `ApiError` only. */
export async function callApi<Schema extends z.ZodType>(call: ApiCall<Schema>): Promise<z.output<Schema>> {
  const answer = await callBare(call);
  return parseAnswer(call.schema, isRecord(answer) ? answer['data'] : undefined);
}

/** As `callApi`, for the few paths whose answers have no envelope (login, health). */
export async function callBareApi<Schema extends z.ZodType>(call: ApiCall<Schema>): Promise<z.output<Schema>> {
  return parseAnswer(call.schema, await callBare(call));
}

/** As `callBareApi`, for an answer that keeps its shape when its status is 503: a health report. */
export async function callHealth<Schema extends z.ZodType>(call: ApiCall<Schema>): Promise<z.output<Schema>> {
  const response = await send(call);
  const answer = await readJson(response);
  if (!response.ok && !(response.status === 503 && call.schema.safeParse(answer).success)) {
    throw errorOfAnswer(response.status, answer);
  }
  return parseAnswer(call.schema, answer);
}

async function callBare(call: ApiCall<z.ZodType>): Promise<unknown> {
  const response = await send(call);
  const answer = await readJson(response);
  if (!response.ok) throw errorOfAnswer(response.status, answer);
  return answer;
}

async function send(call: ApiCall<z.ZodType>): Promise<Response> {
  try {
    return await fetch(call.path + queryString(call.query), {
      method: call.method ?? 'GET',
      credentials: 'same-origin',
      headers: {
        accept: 'application/json',
        ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      ...(call.signal ? { signal: call.signal } : {}),
    });
  } catch (error) {
    if (call.signal?.aborted) throw error;
    throw new ApiError({ status: 0, code: 'unreachable', message: 'The gateway did not answer.' });
  }
}

async function readJson(response: Response): Promise<unknown> {
  const text = await response.text();
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    // A proxy's HTML page, for instance; the status says what matters.
    return null;
  }
}

function parseAnswer<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const first = parsed.error.issues[0];
  const where = first ? `${first.path.join('.')}: ${first.message}` : '';
  throw new ApiError({ status: 200, code: 'unexpected_answer', message: `Unexpected answer (${where})` });
}

/** Reads the admin surface's error envelope `{success: false, error, error_code, detail, message}`. */
function errorOfAnswer(status: number, answer: unknown): ApiError {
  const fields = isRecord(answer) ? answer : {};
  const sentence = [fields['error'], fields['message'], fields['detail']].find((text) => typeof text === 'string');
  const code = fields['error_code'];
  return new ApiError({
    status,
    code: typeof code === 'string' ? code : `status_${status}`,
    message: typeof sentence === 'string' ? sentence : `HTTP ${status}`,
    findings: findingsOf(fields['errors']),
  });
}

function findingsOf(value: unknown): Finding[] {
  if (!Array.isArray(value)) return [];
  return value
    .filter(isRecord)
    .map((entry) => ({ path: String(entry['path'] ?? ''), message: String(entry['message'] ?? '') }));
}

/** `?a=1&b=x`, or nothing when no value is set. */
export function queryString(query: ApiCall<z.ZodType>['query']): string {
  const set = Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== '');
  if (set.length === 0) return '';
  return `?${new URLSearchParams(set.map(([name, value]): [string, string] => [name, String(value)])).toString()}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
