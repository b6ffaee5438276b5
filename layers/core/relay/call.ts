import type { UpstreamExchange } from '@sluice/kit/http/upstream-exchange';
import type { Candidate } from './candidates.ts';
import type { Language } from './interpreter.ts';
import type { CandidateUse } from './queue.ts';
import type { Report } from './report.ts';
import type { AttemptResult } from './served.ts';

/** A call that went out. */
export interface Sent {
  /** With the access token that it was sent with. */
  candidate: Candidate;
  language: Language;
  upstream: UpstreamExchange;
}

/** One candidate's turn: its call, or why there was none. */
export interface Call {
  choice: CandidateUse;
  report: Report;
  startedMono: number;
  /** Somebody else could be asked when it began. */
  canRetry: boolean;
  outcome: { sent: Sent } | { sent: null; result: AttemptResult };
}

export interface SentCall extends Call {
  outcome: { sent: Sent };
}

export function wasSent(call: Call): call is SentCall {
  return call.outcome.sent !== null;
}

/** How far a call is, without taking anything of it. */
export function progressOf({ status, failure, finished, hasBytes }: UpstreamExchange): 'waiting' | 'begun' | 'failed' {
  if (failure !== null) return 'failed';
  if (status === 0) return 'waiting';
  if (status < 200 || status > 299) return 'failed';
  return hasBytes || finished ? 'begun' : 'waiting';
}
