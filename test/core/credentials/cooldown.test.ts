import * as fc from 'fast-check';
import { cooldown, type Rest, type UpstreamFailure } from '../../../layers/core/credentials/cooldown.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

function answered(status: number, headers: Record<string, string> = {}, error: object | string = {}): UpstreamFailure {
  return { kind: 'status', status, headers, body: Buffer.from(JSON.stringify({ error })) };
}

function restMs(failure: UpstreamFailure, before = 0): number | null {
  const rest = cooldown(failure, before, NOW);
  return rest && rest.until - NOW;
}

type Row = [string, UpstreamFailure, Partial<Rest> & { ms: number }];

const GEMINI = (violations: object[], retryDelay: string): object => ({
  code: 429,
  status: 'RESOURCE_EXHAUSTED',
  message: 'You exceeded your current quota, please check your plan and billing details.',
  details: [
    { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations },
    { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay },
  ],
});

const OWN = { ownWord: true } as const;
const ROWS: Row[] = [
  [
    'a 429 with retry-after in seconds',
    answered(429, { 'retry-after': '7' }),
    { reason: 'rate_limited', scope: 'model', ms: 7 * SECOND, ...OWN },
  ],
  ['retry-after-ms before retry-after', answered(429, { 'retry-after': '7', 'retry-after-ms': '250' }), { ms: 250 }],
  [
    'retry-after as a date',
    answered(503, { 'retry-after': new Date(NOW + 90 * SECOND).toUTCString() }),
    { reason: 'overloaded', ms: 90 * SECOND, ...OWN },
  ],
  [
    'OpenAI: only the window that is spent counts, not the longest reset',
    answered(429, {
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '1s',
      'x-ratelimit-remaining-tokens': '149984',
      'x-ratelimit-reset-tokens': '6m0s',
    }),
    { ms: SECOND, ...OWN },
  ],
  [
    'OpenAI: both windows spent, the later one',
    answered(429, {
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '20ms',
      'x-ratelimit-remaining-tokens': '0',
      'x-ratelimit-reset-tokens': '6m0s',
    }),
    { ms: 6 * MINUTE, ...OWN },
  ],
  [
    'OpenAI: the sentence, where no header says it',
    answered(
      429,
      {},
      { code: 'rate_limit_exceeded', message: 'Rate limit reached … Please try again in 1m2.5s. Visit' },
    ),
    { ms: 62.5 * SECOND, ...OWN },
  ],
  [
    'OpenAI: insufficient_quota concerns the whole credential',
    answered(429, {}, { code: 'insufficient_quota', type: 'insufficient_quota' }),
    { reason: 'quota_exhausted', scope: 'credential', ms: 5 * MINUTE, ownWord: false },
  ],
  [
    'Anthropic: the reset of the spent window',
    answered(429, {
      'anthropic-ratelimit-requests-remaining': '12',
      'anthropic-ratelimit-requests-reset': new Date(NOW + HOUR).toISOString(),
      'anthropic-ratelimit-input-tokens-remaining': '0',
      'anthropic-ratelimit-input-tokens-reset': new Date(NOW + 20 * SECOND).toISOString(),
    }),
    { reason: 'rate_limited', ms: 20 * SECOND, ...OWN },
  ],
  [
    'Anthropic: no money, said with 400',
    answered(400, {}, { type: 'invalid_request_error', message: 'Your credit balance is too low to access the API.' }),
    { reason: 'quota_exhausted', scope: 'credential', ms: 5 * MINUTE },
  ],
  ['Anthropic: overloaded', answered(529), { reason: 'overloaded', scope: 'model', ms: 2 * SECOND, threshold: 1 }],
  [
    'Gemini: a burst, whatever its sentence says of quota and billing',
    answered(429, {}, GEMINI([{ quotaId: 'GenerateRequestsPerMinutePerProjectPerModel' }], '34s')),
    { reason: 'rate_limited', scope: 'model', ms: 34 * SECOND, ...OWN },
  ],
  [
    'Gemini: a quota by the day',
    answered(429, {}, GEMINI([{ quotaId: 'GenerateRequestsPerDayPerProjectPerModel' }], '3600s')),
    { reason: 'quota_exhausted', scope: 'model', ms: HOUR, ...OWN },
  ],
  [
    'epoch seconds in a reset header',
    answered(429, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW / 1000 + 15) }),
    { ms: 15 * SECOND, ...OWN },
  ],
  ['a bare 429', answered(429), { reason: 'rate_limited', ms: 2 * SECOND, ownWord: false }],
  ['a word that is over already', answered(429, { 'retry-after': '0' }), { ms: 2 * SECOND, ownWord: false }],
  ['a word that is no number', answered(429, { 'retry-after': 'soon' }), { ms: 2 * SECOND, ownWord: false }],
  ['a word beyond belief', answered(429, { 'retry-after': '9999999' }), { ms: 6 * HOUR, ...OWN }],
  ['401', answered(401), { reason: 'credential_invalid', scope: 'credential', ms: MINUTE }],
  ['401 is not believed when it names a time', answered(401, { 'retry-after': '5' }), { ms: MINUTE, ownWord: false }],
  ['403', answered(403), { reason: 'credential_invalid', scope: 'credential', ms: MINUTE }],
  [
    '403 for one model',
    answered(403, {}, { code: 'model_not_found', message: 'Project does not have access to model gpt-x' }),
    { reason: 'credential_invalid', scope: 'model', ms: MINUTE },
  ],
  ['402', answered(402), { reason: 'payment_required', scope: 'credential', ms: 5 * MINUTE }],
  ['500, which may be the request’s fault', answered(500), { reason: 'broken', threshold: 3, ms: 2 * SECOND }],
  ['502', answered(502), { reason: 'overloaded', threshold: 2, ms: 2 * SECOND }],
  ['503', answered(503), { reason: 'overloaded', threshold: 1, ms: 2 * SECOND }],
  ['no connection', { kind: 'unreachable' }, { reason: 'unreachable', scope: 'credential', threshold: 1, ms: SECOND }],
  ['a time-out', { kind: 'timed-out' }, { reason: 'timed_out', scope: 'model', threshold: 2, ms: MINUTE }],
  ['a broken stream', { kind: 'broken' }, { reason: 'broken', scope: 'model', threshold: 2, ms: 2 * SECOND }],
];

describe('the cooldown after a failure', () => {
  it.each(ROWS)('%s', (_title, failure, { ms, ...expected }) => {
    expect(cooldown(failure, 0, NOW)).toMatchObject(expected);
    expect(restMs(failure)).toBe(ms);
  });

  it.each([400, 404, 409, 413, 422])('is none for %i: the request is to blame', (status) => {
    expect(cooldown(answered(status, {}, { message: 'bad' }), 0, NOW)).toBeNull();
  });

  it('doubles with each rest in a row up to its cap', () => {
    expect([0, 1, 2, 3].map((before) => restMs(answered(429), before))).toEqual([2000, 4000, 8000, 16_000]);
    expect(restMs(answered(429), 1_000)).toBe(5 * MINUTE);
    expect(restMs(answered(401), 1_000)).toBe(HOUR);
    expect(restMs({ kind: 'unreachable' }, 1_000)).toBe(30 * SECOND);
  });

  it('ends after now and within a day and an hour, whatever the upstream sends', () => {
    const value = fc.oneof(fc.string(), fc.integer().map(String), fc.constantFrom('6m0s', '0', '-1', '1e9'));
    const headers = fc.dictionary(
      fc.constantFrom('retry-after', 'retry-after-ms', 'x-ratelimit-reset-tokens', 'x-ratelimit-remaining-tokens'),
      value,
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 400, max: 599 }),
        headers,
        fc.string(),
        fc.nat(50),
        (status, given, body, before) => {
          const rest = cooldown({ kind: 'status', status, headers: given, body: Buffer.from(body) }, before, NOW);
          if (rest === null) return;
          expect(rest.until).toBeGreaterThan(NOW);
          expect(rest.until).toBeLessThanOrEqual(NOW + 25 * HOUR);
        },
      ),
    );
  });
});
