import { readFileSync } from 'node:fs';
import { objectAt, textAt, type Json, type JsonObject, listAt } from './json.ts';
import { errorCode, StartError } from './start-error.ts';

export interface Administrator {
  readonly username: string;
  readonly password: string;
}

/** The admin API as any script would use it, through the CDN. */
export interface AdminApi {
  /** Imports a configuration document; answers the warnings. @throws StartError listing the errors with their paths. */
  importDocument(document: unknown, what: string): Promise<string[]>;
  /** Creates a key; answers its secret, which is shown this once. */
  createKey(name: string): Promise<string>;
}

/** Logs in with the first administrator. @throws StartError when that is refused. */
export async function loginAsAdministrator(url: string, admin: Administrator): Promise<AdminApi> {
  const login = await post(`${url}/api/auth/login`, { username: admin.username, password: admin.password });
  const token = textAt(login.body['access_token']);
  if (token === undefined) throw new StartError(`The first administrator cannot log in: ${describe(login)}`);
  return {
    importDocument: async (document, what) => {
      const answer = await post(`${url}/api/admin/import`, document, token);
      if (answer.status >= 300)
        throw new StartError(`${what} was refused, nothing of it was written:\n${listErrors(answer)}`);
      return listAt(objectAt(answer.body['data'])['warnings']).map(String);
    },
    createKey: async (name) => {
      let answer = await post(`${url}/api/keys`, { name }, token);
      // A key of this name that no longer opens (disabled, say) stays as its owner left it.
      for (let next = 2; answer.status === 409 && next <= 100; next += 1) {
        answer = await post(`${url}/api/keys`, { name: `${name}-${next}` }, token);
      }
      const secret = textAt(objectAt(answer.body['data'])['key']);
      if (secret === undefined) throw new StartError(`The demo key cannot be created: ${describe(answer)}`);
      return secret;
    },
  };
}

/** A JSON file given by --import. @throws StartError */
export function readDocument(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as unknown;
  } catch (error) {
    const reason =
      errorCode(error) === 'ENOENT' ? 'there is no such file' : error instanceof Error ? error.message : String(error);
    throw new StartError(`--import ${path}: ${reason}.`);
  }
}

interface Answer {
  readonly status: number;
  readonly body: JsonObject;
}

async function post(url: string, body: unknown, token?: string): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, body: parse(text) };
}

function parse(text: string): JsonObject {
  try {
    return objectAt(JSON.parse(text));
  } catch {
    return { error: text.slice(0, 500) };
  }
}

function describe({ status, body }: Answer): string {
  return `${status} ${textAt(body['error']) ?? JSON.stringify(body)}`;
}

/** The import's errors, one a line, each with the path in the document. */
function listErrors(answer: Answer): string {
  const errors = listAt(answer.body['errors']);
  return errors.length === 0
    ? `  ${describe(answer)}`
    : errors.map((error) => `  ${describeProblem(error)}`).join('\n');
}

function describeProblem(problem: Json): string {
  const { path, message } = objectAt(problem);
  return [textAt(path) ?? '', textAt(message) ?? JSON.stringify(problem)].filter((part) => part !== '').join(': ');
}
