/**
 * Faults and shapes on request. A model name steers how the sandbox answers:
 * `<base>--<directive>--<directive>…`, e.g. `sandbox-chat--delay-100--words-5`.
 */
export interface Directives {
  base: string;
  /** Answer with this status instead of a completion. */
  status: number | null;
  /** Value of the `retry-after` header on that status, in seconds. */
  retryAfterSeconds: number | null;
  /** Stop sending after so many events and keep the connection; 0 = never send the head. */
  hangAfterEvents: number | null;
  /** Destroy the socket after so many events; 0 = before the head. A whole answer is cut in its middle. */
  cutAfterEvents: number | null;
  /** Send an error event after so many events, then end without `[DONE]`. */
  errorAfterEvents: number | null;
  /** Pause between two chunks. */
  delayMs: number;
  /** Pause before the head is sent. */
  slowFirstMs: number;
  /** Words of text in each choice; null = derived from the prompt. */
  words: number | null;
  /** Leave usage out, asked for or not, as some compatible servers do. */
  withoutUsage: boolean;
  /** Of pictures and films: how long the work takes, by the machine's pace or the shifted clock; null = the usual time. */
  workSeconds: number | null;
  /** Files of pictures and films have at least so many bytes. */
  bytes: number;
  /** Pictures that are left out of an answer. */
  fewer: number;
  /** Pictures are refused, and films fail after their time, for what was asked for. */
  moderated: boolean;
  /** A film fails after its time. */
  fails: boolean;
  /** So many questions after a film are answered with 500. */
  pollErrors: number;
}

/** Of a file that is asked for by size. */
const MOST_BYTES = 100 * 1024 * 1024;

type Reading = (found: Directives, value: number) => void;

const READINGS: readonly (readonly [RegExp, Reading])[] = [
  [/^([45]\d\d)$/, (found, value) => (found.status = value)],
  [/^retry-after-(\d+)$/, (found, value) => (found.retryAfterSeconds = value)],
  [/^hang(?:-(\d+))?$/, (found, value) => (found.hangAfterEvents = value)],
  [/^cut-(\d+)$/, (found, value) => (found.cutAfterEvents = value)],
  [/^error-event-(\d+)$/, (found, value) => (found.errorAfterEvents = value)],
  [/^delay-(\d+)$/, (found, value) => (found.delayMs = value)],
  [/^slow-first-(\d+)$/, (found, value) => (found.slowFirstMs = value)],
  [/^words-(\d+)$/, (found, value) => (found.words = value)],
  [/^no-usage$/, (found) => (found.withoutUsage = true)],
  [/^slow-(\d+)$/, (found, value) => (found.workSeconds = value)],
  [/^bytes-(\d+)$/, (found, value) => (found.bytes = Math.min(value, MOST_BYTES))],
  [/^fewer-(\d+)$/, (found, value) => (found.fewer = value)],
  [/^moderated$/, (found) => (found.moderated = true)],
  [/^fails$/, (found) => (found.fails = true)],
  [/^poll-errors-(\d+)$/, (found, value) => (found.pollErrors = value)],
];

/** Reads the directives of a model name; null when one of them is unknown, which is answered like an unknown model. */
export function readDirectives(model: string): Directives | null {
  const [base = '', ...names] = model.split('--');
  const found: Directives = {
    base,
    status: null,
    retryAfterSeconds: null,
    hangAfterEvents: null,
    cutAfterEvents: null,
    errorAfterEvents: null,
    delayMs: 0,
    slowFirstMs: 0,
    words: null,
    withoutUsage: false,
    workSeconds: null,
    bytes: 0,
    fewer: 0,
    moderated: false,
    fails: false,
    pollErrors: 0,
  };
  for (const name of names) {
    const reading = READINGS.find(([pattern]) => pattern.test(name));
    if (!reading) return null;
    const value = reading[0].exec(name)?.[1];
    reading[1](found, value === undefined ? 0 : Number(value));
  }
  if (found.retryAfterSeconds !== null && found.status === null) found.status = 429;
  return found;
}
