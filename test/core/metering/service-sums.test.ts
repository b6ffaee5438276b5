import fc from 'fast-check';
import { foldEvents } from '../../../layers/core/metering/roll-up.ts';
import {
  LATENCY_BOUNDS_MS,
  quantile,
  serviceOfAttempts,
  serviceOfEvent,
  sumService,
  type ServiceSums,
} from '../../../layers/core/metering/service-sums.ts';
import { NO_USAGE, type UsageClosing, type UsageEvent } from '../../../layers/core/metering/store.ts';

const ATTEMPT = { upstream: 'u', credential: 'c', status: 500, error: 'upstream_error', durationMs: 5 };

function anEvent(closing: Partial<UsageClosing> | null): UsageEvent {
  return {
    requestId: '0000000000000000',
    userId: 'usr_1',
    keyId: 'key_1',
    model: 'm',
    format: 'openai-chat',
    stream: true,
    startedAt: 0,
    inputEstimate: 1,
    priceVersion: null,
    clientRequestId: null,
    clientApp: null,
    phase: closing ? 'closed' : 'open',
    closing: closing && {
      source: 'reported',
      servedModel: 'm',
      upstream: 'u',
      credential: 'c',
      parts: NO_USAGE,
      costMicros: 0,
      status: 200,
      error: null,
      firstByteMs: 300,
      durationMs: 1200,
      attempts: [],
      warnings: [],
      closedAt: 1200,
      ...closing,
    },
  };
}

describe('what a request says about the service', () => {
  it('is nothing while it is open and where nobody was served', () => {
    expect(serviceOfEvent(anEvent(null))).toBeNull();
    expect(serviceOfEvent(anEvent({ source: 'void', status: 429, error: 'rate_limit_exceeded' }))).toBeNull();
    expect(serviceOfEvent(anEvent({ source: 'void', status: 499, error: 'client_gone' }))).toBeNull();
  });

  it.each<[string, Partial<UsageClosing>, number]>([
    ['an answer', {}, 0],
    ['an upstream that failed', { status: 502, error: 'upstream_error' }, 1],
    [
      'an upstream that failed and used nothing',
      { source: 'void', status: 502, error: 'upstream_error', attempts: [ATTEMPT] },
      1,
    ],
    ['a pool with nobody left to ask', { source: 'void', status: 503, error: 'no_credential' }, 1],
    ['a stream that broke under its 200', { error: 'upstream_broken' }, 1],
    ['upstreams that all had enough', { status: 429, error: 'upstream_rate_limited' }, 1],
    ['a request that cannot be', { status: 400, error: 'invalid_request' }, 0],
    ['a client that left', { status: 499, error: 'client_gone' }, 0],
  ])('counts %s as it should', (_name, closing, faults) => {
    expect(serviceOfEvent(anEvent(closing))?.faults).toBe(faults);
  });

  it('counts a first byte only where there was one', () => {
    expect(serviceOfEvent(anEvent({ firstByteMs: null }))).toMatchObject({ firstBytes: 0, firstByteCounts: [] });
    expect(serviceOfEvent(anEvent({}))).toMatchObject({ firstBytes: 1, firstByteMs: 300, firstByteCounts: [0, 0, 1] });
  });
});

describe('what the calls of a request say of credentials', () => {
  it('each is told of its own, whatever the request came to', () => {
    const attempts = [
      { ...ATTEMPT, credential: 'a', status: 0, error: 'upstream_unreachable' },
      { ...ATTEMPT, credential: 'b', status: 400, error: 'invalid_request' },
      { ...ATTEMPT, credential: 'c', status: 200, error: null, durationMs: 400 },
    ];
    const told = serviceOfAttempts(anEvent({ attempts }));
    expect(told.map(({ member, service }) => [member, service.faults, service.firstBytes])).toEqual([
      ['u/a', 1, 0],
      ['u/b', 0, 0],
      ['u/c', 0, 1],
    ]);
    expect(serviceOfAttempts(anEvent(null))).toEqual([]);
    const rows = [...foldEvents([anEvent({ attempts, credential: 'c' })]).values()];
    const ofCredentials = rows.filter(({ dimension }) => dimension === 'credential');
    expect(ofCredentials.map(({ member, sums }) => [member, sums.requests])).toEqual([
      ['u/c', 1],
      ['u/a', 0],
      ['u/b', 0],
    ]);
  });
});

const aService: fc.Arbitrary<ServiceSums> = fc
  .record({ status: fc.constantFrom(200, 400, 503), firstByteMs: fc.nat(900_000), durationMs: fc.nat(900_000) })
  .map((closing) => serviceOfEvent(anEvent(closing))!);

describe('sums and quantiles', () => {
  it('do not depend on the order or the grouping', () => {
    fc.assert(
      fc.property(fc.array(aService, { minLength: 1 }), fc.nat(), (all, cut) => {
        const at = cut % all.length;
        const sum = (some: ServiceSums[]): ServiceSums | undefined =>
          some.reduce<ServiceSums | undefined>(sumService, undefined);
        expect(sumService(sum(all.slice(at)), sum(all.slice(0, at)))).toEqual(sum(all));
      }),
    );
  });

  it('lie in the bucket of the value that they stand for, and never fall with the share', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(700_000), { minLength: 1 }),
        fc.integer({ min: 1, max: 100 }),
        (durations, percent) => {
          const counts = durations
            .map((durationMs) => serviceOfEvent(anEvent({ durationMs }))!)
            .reduce((left, right) => sumService(left, right)!).durationCounts;
          const exact = durations.toSorted((left, right) => left - right)[
            Math.ceil((percent / 100) * durations.length) - 1
          ]!;
          const found = quantile(counts, percent / 100)!;
          const bounds = [0, ...LATENCY_BOUNDS_MS, Infinity];
          const upper = bounds.find((bound) => exact <= bound && bound > 0)!;
          expect(found).toBeLessThanOrEqual(upper);
          expect(found).toBeGreaterThanOrEqual(bounds[bounds.indexOf(upper) - 1]!);
          expect(quantile(counts, 1)!).toBeGreaterThanOrEqual(found);
        },
      ),
    );
  });

  it('are unknown where nothing was counted', () => {
    expect(quantile([], 0.5)).toBeNull();
    expect(quantile([0, 0], 0.5)).toBeNull();
  });
});
