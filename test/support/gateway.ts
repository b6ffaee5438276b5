import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { OpenAI } from 'openai';
import type { ConfigurationDocumentText } from '../../layers/contract/configuration-document.ts';
import type { Failure } from '../../layers/contract/envelopes.ts';
import type { UsageLogRow } from '../../layers/contract/usage.ts';
import type { LoggedRequest } from '../../infra/local/sandbox/log.ts';
import { keepOutOfLogs, keepSecretsOutOfLogs } from './log-secrets.ts';
import type { Ready } from './stack.ts';

/** How tests talk to a running stack: the unmodified SDK, plain HTTP, the admin API and the sandbox's log. */

/** An OpenAI client as a customer makes it; no retries, so that each call is one request. */
export function openAiClient(ready: Ready, apiKey: string = ready.apiKey): OpenAI {
  return new OpenAI({ apiKey, baseURL: `${ready.url}/v1`, maxRetries: 0, timeout: 20_000 });
}

export function userSays(content: string): { role: 'user'; content: string }[] {
  keepOutOfLogs('a prompt', content);
  return [{ role: 'user', content }];
}

/** A text that occurs nowhere else, so that a request is found again in logs that many tests write to. */
export function marker(): string {
  const mark = `mark-${randomBytes(8).toString('hex')}`;
  keepOutOfLogs('the mark of a prompt', mark);
  return mark;
}

/** A chosen key secret (at least 32 characters). */
export function chosenSecret(): string {
  const secret = `sk-test-${randomBytes(24).toString('hex')}`;
  keepOutOfLogs('a chosen key', secret);
  return secret;
}

export interface AdminAnswer {
  status: number;
  body: Record<string, unknown>;
  headers: Headers;
}

export interface AdminClient {
  token: string;
  call(method: string, path: string, body?: unknown): Promise<AdminAnswer>;
  importDocument(document: ConfigurationDocumentText): Promise<AdminAnswer>;
}

async function readAnswer(response: Response): Promise<AdminAnswer> {
  const text = await response.text();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new Error(`${response.status} with a body that is not JSON: ${text.slice(0, 300)}`);
  }
  return { status: response.status, body: body as Record<string, unknown>, headers: response.headers };
}

export async function postJson(url: string, body: unknown, headers: Record<string, string> = {}): Promise<AdminAnswer> {
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
  return readAnswer(await fetch(url, init));
}

/** Logs in as the first administrator, as scripts do. */
export async function adminClient(ready: Ready): Promise<AdminClient> {
  const { body, status } = await postJson(`${ready.url}/api/auth/login`, ready.admin);
  if (status !== 200) throw new Error(`login answered ${status}: ${JSON.stringify(body)}`);
  return clientOfToken(ready, String(body['access_token']));
}

/** Calls with an access token, an administrator's or anybody's. */
export function clientOfToken(ready: Ready, token: string): AdminClient {
  keepOutOfLogs('an access token', token);
  const call: AdminClient['call'] = async (method, path, given) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const init = { method, headers, ...(given === undefined ? {} : { body: JSON.stringify(given) }) };
    return readAnswer(await fetch(`${ready.url}${path}`, init));
  };
  const importDocument: AdminClient['importDocument'] = (document) => {
    keepSecretsOutOfLogs(document);
    return call('POST', '/api/admin/import', document);
  };
  return { token, call, importDocument };
}

/** Imports, and fails the test with the answer when it was refused. */
export async function importInto(ready: Ready, document: ConfigurationDocumentText): Promise<AdminClient> {
  const admin = await adminClient(ready);
  const { status, body } = await admin.importDocument(document);
  if (status !== 200) throw new Error(`import answered ${status}: ${JSON.stringify(body)}`);
  return admin;
}

export function failureOf(answer: AdminAnswer): Failure {
  return answer.body as unknown as Failure;
}

/** Asks again until there is an answer; the test's own time limit ends it. */
export async function until<Value>(ask: () => Promise<Value | undefined | null | false>): Promise<Value> {
  for (;;) {
    const value = await ask();
    if (value) return value;
    await pause(25);
  }
}

async function sandboxLog(ready: Ready): Promise<LoggedRequest[]> {
  const response = await fetch(`${ready.sandboxUrl}/__log`);
  return ((await response.json()) as { requests: LoggedRequest[] }).requests;
}

/** What the sandbox received that holds `text`, in order. */
export async function receivedWith(ready: Ready, text: string): Promise<LoggedRequest[]> {
  return (await sandboxLog(ready)).filter((entry) => entry.body.includes(text));
}

/** The row of the usage log under this request id, once it is there. */
export function usageRow(admin: AdminClient, requestId: string): Promise<UsageLogRow> {
  return until(async () => {
    const { body } = await admin.call('GET', '/api/usage/logs?limit=200&scope=all');
    const { logs } = body['data'] as { logs: UsageLogRow[] };
    return logs.find((row) => row.request_id === requestId);
  });
}
