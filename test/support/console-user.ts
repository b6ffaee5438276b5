import { adminClient, marker } from './gateway.ts';
import type { Ready } from './stack.ts';

/** Makes a verified user who may log in to the console. */
export async function createUser(
  ready: Ready,
  name: string,
  role: 'user' | 'admin' | 'super_admin' = 'user',
): Promise<{ username: string; password: string }> {
  const password = `${marker()}-Pw1`;
  const username = `${name}-${Date.now().toString(36)}`;
  const admin = await adminClient(ready);
  const user = { username, email: `${username}@example.com`, password, is_verified: true, role };
  const { status, body } = await admin.call('POST', '/api/admin/users', user);
  if (status !== 201) throw new Error(`making a user answered ${status}: ${JSON.stringify(body)}`);
  return { username, password };
}
