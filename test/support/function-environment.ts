import { readFileSync } from 'node:fs';
import type { Stack } from './stack.ts';

/**
 * A running function's own environment, as the runner gave it: tables, secrets, endpoints, identity. What is started
 * with it is that function to all of the stack's services.
 */
export function environmentOf(stack: Pick<Stack, 'ready'>, functionName: string): Record<string, string> {
  const pid = stack.ready.pids[functionName];
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    throw new Error(`The environment of the running ${functionName} is read from /proc, so this needs Linux.`);
  }
  const entries = text.split('\0').filter(Boolean);
  return Object.fromEntries(
    entries.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  );
}
