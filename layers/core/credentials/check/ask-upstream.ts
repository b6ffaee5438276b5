import type { IncomingHttpHeaders } from 'node:http';
import { isGatewayError } from '@sluice/kit/errors/gateway-error';
import type { UpstreamFailure } from '../cooldown.ts';
import { readErrorWords } from '../own-word.ts';
import { withoutSecrets } from '../refresh/grant.ts';
import type { Credential, Upstream } from '../store.ts';
import type { OpenedForCheck } from './open-for-check.ts';
import { checkCall, type CheckCall, type TestedModel } from './upstream-call.ts';

/** Sends a call once; through its proxy or not at all. Throws an error that says by `sent` whether a byte of it left. */
export type SendCheck = (
  call: CheckCall & { proxyUrl: string | null },
) => Promise<{ status: number; headers: IncomingHttpHeaders; body: Buffer }>;

export type Verdict =
  /** The upstream answered as it should. */
  | { kind: 'passed'; status: number; text: string }
  /** It did not, and that is held against the credential or the upstream. */
  | { kind: 'failed'; status: number; text: string; failure: UpstreamFailure }
  /** Nothing was learnt: there is no such endpoint, or the question itself was at fault. */
  | { kind: 'unknown'; status: number; text: string };

const LONGEST_TEXT = 300;

/** Asks the upstream under the credential. Never throws; what it tells holds no secret. */
export async function askUpstream(
  send: SendCheck,
  { upstream, credential }: { upstream: Upstream; credential: Credential },
  { opened, model }: { opened: OpenedForCheck; model: TestedModel | null },
): Promise<Verdict> {
  const call = checkCall(upstream, credential, { secret: opened.secret, model });
  if (isGatewayError(call)) return { kind: 'unknown', status: 0, text: call.message };
  const told = (text: string): string => withoutSecrets(text, opened.secrets).slice(0, LONGEST_TEXT);
  try {
    const answer = await send({ ...call, proxyUrl: opened.proxyUrl });
    return judge(answer, told);
  } catch (error) {
    const { sent, code } = error as { sent?: unknown; code?: unknown };
    const text = told(typeof code === 'string' ? code : String(error));
    if (code === 'SLUICE_ADDRESS_REFUSED') return { kind: 'unknown', status: 0, text };
    const failure: UpstreamFailure = sent === false ? { kind: 'unreachable' } : { kind: 'timed-out' };
    return { kind: 'failed', status: 0, text: `The upstream gave no answer (${text}).`, failure };
  }
}

function judge(answer: Awaited<ReturnType<SendCheck>>, told: (text: string) => string): Verdict {
  const { status, headers, body } = answer;
  if (status >= 200 && status < 300) return { kind: 'passed', status, text: `The upstream answered with ${status}.` };
  const { message } = readErrorWords(body);
  const text = told(`The upstream answered with ${status}${message === '' ? '.' : `: ${message}`}`);
  return isAboutQuestion(status) ? { kind: 'unknown', status, text } : failed({ status, headers, body }, text);
}

function failed({ status, headers, body }: Awaited<ReturnType<SendCheck>>, text: string): Verdict {
  return { kind: 'failed', status, text, failure: { kind: 'status', status, headers, body } };
}

/** A wrong model's name, a path that is not there, a field that it does not take: no word about the credential. */
function isAboutQuestion(status: number): boolean {
  return status < 400 || (status < 500 && ![400, 401, 402, 403, 408, 429].includes(status));
}
