import type { Ready } from './stack.ts';

/** The admin API of a stack, logged in as its first administrator. */
export interface AdminClient {
  /** @throws when the answer is no 2xx */
  expectOk(method: string, path: string, body?: object): Promise<{ data: unknown }>;
}

export async function createAdminClient({ url, admin }: Ready): Promise<AdminClient> {
  const send = async (method: string, path: string, body: object | undefined, token: string | null) => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(body && { 'content-type': 'application/json' }),
        ...(token !== null && { authorization: `Bearer ${token}` }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
    return JSON.parse(text) as { data: unknown; access_token?: string };
  };
  const { access_token: token = '' } = await send('POST', '/api/auth/login', admin, null);
  return { expectOk: (method, path, body) => send(method, path, body, token) };
}
