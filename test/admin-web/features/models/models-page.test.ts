import { faultsByField, isClosedNetwork } from '../../../../admin-web/src/features/models/field-faults.ts';
import { hedgingPoints, sumHedging } from '../../../../admin-web/src/features/models/hedging-sums.ts';
import { readModelsSearch } from '../../../../admin-web/src/features/models/models-search.ts';
import { readPriceList } from '../../../../admin-web/src/features/models/price-list.ts';
import { ApiError } from '../../../../admin-web/src/lib/api-client.ts';

describe('the address of the models page', () => {
  it('keeps what it knows and drops the rest', () => {
    const given = { tab: 'upstreams', search: 4, class: 'huge', model: 'a/b', create: true, edit: 'yes', days: 30 };
    expect(readModelsSearch(given)).toEqual({ tab: 'upstreams', search: '4', model: 'a/b', create: true, days: 30 });
    expect(readModelsSearch({ tab: 'models', days: 7, search: '' })).toEqual({});
  });
});

describe('a price list', () => {
  it('is an object of entries; anything else is told apart from what is no JSON', () => {
    expect(readPriceList('{"a": {"mode": "chat"}, "note": 1}')).toMatchObject({ ok: true, count: 1 });
    expect(readPriceList('{"a": ')).toEqual({ ok: false, why: 'json' });
    for (const text of ['[]', '3', 'null', '{}', '{"a": 1}']) {
      expect(readPriceList(text)).toEqual({ ok: false, why: 'shape' });
    }
  });
});

describe('what the API refuses', () => {
  it('is told at the fields of the form', () => {
    const findings = [
      { path: 'routes[0].upstream', message: 'There is no upstream x' },
      { path: 'baseUrl', message: 'The address points outside … settings.allowedUpstreamNetworks' },
    ];
    const error = new ApiError({ status: 400, code: 'INVALID_REQUEST', message: 'no', findings });
    expect(Object.keys(faultsByField(error))).toEqual(['routes.0.upstream', 'baseUrl']);
    expect(findings.map(({ message }) => isClosedNetwork(message))).toEqual([false, true]);
    expect(faultsByField(new Error('no'))).toEqual({});
  });
});

describe('what second calls came to', () => {
  const days = [
    { day: '2026-03-02', spent_micros: 300, races: 4, won: 3 },
    { day: '2026-03-01', spent_micros: 100, races: 2, won: 1 },
  ];

  it('is summed over the days, and nothing is divided by no win', () => {
    expect(sumHedging(days)).toEqual({ races: 6, won: 4, spentMicros: 400, microsPerWin: 100 });
    expect(sumHedging([{ day: '2026-03-02', spent_micros: 5, races: 1, won: 0 }]).microsPerWin).toBeNull();
  });

  it('is drawn from the oldest day on, in dollars', () => {
    expect(hedgingPoints(days, 'en-US')).toEqual([
      { day: 'Mar 1', won: 1, lost: 1, spent: 0.0001 },
      { day: 'Mar 2', won: 3, lost: 1, spent: 0.0003 },
    ]);
  });
});
