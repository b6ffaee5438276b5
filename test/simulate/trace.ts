import { z } from 'zod';

/*
 * What upstream accounts do over time, and what is asked of them. Generated (scenarios.ts), or recorded: a file with one
 * JSON object a line, one line a call,
 *
 *   {"at": 1795000000000, "credential": "team-a", "status": 429, "headers": {"retry-after": "7"}, "body": "{…}",
 *    "firstContentMs": 412, "promptTokens": 5300, "conversation": "c17"}
 *
 * of which `at`, `credential` and `status` must be there. Each line is a request, and tells what its account did from
 * then on until its next line; status 0 = it could not be reached.
 */

export interface Trace {
  name: string;
  about: string;
  accounts: Account[];
  requests: Request[];
}

export interface Account {
  id: string;
  /** In time's order; the first begins at 0. */
  spans: Span[];
  /** Requests that it takes in a window; the others are refused in its own words. */
  limit?:
    { requests: number; windowMs: number; tells: 'retry-after' | 'reset' | 'nothing' | 'far-too-long' } | undefined;
}

export interface Span {
  /** Milliseconds from the beginning. */
  from: number;
  /** 200: it answers; 0: it cannot be reached. */
  status: number;
  headers?: Record<string, string> | undefined;
  body?: string | undefined;
  /** Its usual time to the first content; each answer varies about it. */
  firstContentMs: number;
}

export interface Request {
  at: number;
  conversation: string;
  promptTokens: number;
}

const line = z.object({
  at: z.number(),
  credential: z.string(),
  status: z.number(),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.string().optional(),
  firstContentMs: z.number().optional(),
  promptTokens: z.number().default(2_000),
  conversation: z.string().optional(),
});

const USUAL_FIRST_CONTENT_MS = 500;

/** @throws where a line is not one */
export function readTrace(name: string, text: string): Trace {
  const lines = text
    .split('\n')
    .filter((one) => one.trim() !== '')
    .map((one) => line.parse(JSON.parse(one)))
    .toSorted((left, right) => left.at - right.at);
  const start = lines[0]?.at ?? 0;
  const accounts = new Map<string, Account>();
  for (const { at, credential, status, headers, body, firstContentMs } of lines) {
    const account = accounts.get(credential) ?? { id: credential, spans: [] };
    accounts.set(credential, account);
    const from = account.spans.length === 0 ? 0 : at - start;
    account.spans.push({ from, status, headers, body, firstContentMs: firstContentMs ?? USUAL_FIRST_CONTENT_MS });
  }
  const requests = lines.map(({ at, promptTokens, conversation }, index) => ({
    at: at - start,
    promptTokens,
    conversation: conversation ?? `call ${index}`,
  }));
  return { name, about: 'recorded', accounts: [...accounts.values()], requests };
}
