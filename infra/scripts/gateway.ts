import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

/*
 * How scripts reach a gateway: the stack that `npm start` runs here, or the one at SLUICE_URL as the administrator
 * SLUICE_ADMIN_USERNAME with SLUICE_ADMIN_PASSWORD.
 */

export interface Gateway {
  /** @throws Error with what was answered, unless that is a success */
  call(route: string, options?: { body?: object; method?: string }): Promise<unknown>;
}

const readySchema = z.object({ url: z.string(), admin: z.object({ username: z.string(), password: z.string() }) });
const loginSchema = z.object({ access_token: z.string() });

/** Signs in. @throws Error */
export async function openGateway(dataDirectory: string): Promise<Gateway> {
  const { url, admin } = findGateway(dataDirectory);
  const send = async (route: string, headers: object, options: { body?: object; method?: string }) => {
    const { body, method = body ? 'POST' : 'GET' } = options;
    const answer = await fetch(`${url}${route}`, {
      method,
      headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${route} answered ${answer.status}: ${text.slice(0, 500)}`);
    return JSON.parse(text) as unknown;
  };
  const { access_token: token } = loginSchema.parse(await send('/api/auth/login', {}, { body: admin }));
  return { call: (route, options = {}) => send(route, { authorization: `Bearer ${token}` }, options) };
}

function findGateway(dataDirectory: string): z.infer<typeof readySchema> {
  const { SLUICE_URL: url, SLUICE_ADMIN_USERNAME: username, SLUICE_ADMIN_PASSWORD: password } = process.env;
  if (url !== undefined) {
    if (username === undefined || password === undefined) {
      throw new Error('SLUICE_URL needs SLUICE_ADMIN_USERNAME and SLUICE_ADMIN_PASSWORD beside it.');
    }
    return { url: url.replace(/\/$/, ''), admin: { username, password } };
  }
  const file = path.resolve(dataDirectory, 'ready.json');
  if (!existsSync(file)) throw new Error(`No stack is running here (${file} is not there), and SLUICE_URL is not set.`);
  return readySchema.parse(JSON.parse(readFileSync(file, 'utf8')));
}
