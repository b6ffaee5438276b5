import * as fc from 'fast-check';
import { capEstimate, capOfHolds } from '../../../layers/core/metering/estimate-cap.ts';
import { encodeHold } from '../../../layers/core/metering/hold-text.ts';
import { totalTokens } from '../../../layers/llm/formats/usage-figures.ts';
import { costMicros } from '../../../layers/core/metering/price.ts';
import { NO_USAGE } from '../../../layers/core/metering/store.ts';

const PRICE = {
  version: 1,
  inputMicros: 1_000_000,
  outputMicros: 2_000_000,
  cacheReadMicros: 0,
  cacheWrite5mMicros: 0,
  cacheWrite1hMicros: 0,
  reasoningMicros: 3_000_000,
  audioMicros: null,
  imageMicros: null,
};

const hold = (amounts: { softTokens?: number; hardTokens?: number; micros?: number }): string =>
  encodeHold({
    accountMeasures: [],
    keyScope: 'k:1',
    keyMeasures: [],
    amounts: { softTokens: 0, hardTokens: 0, micros: 0, units: 0, ...amounts },
    offsetMinutes: 0,
    planId: null,
  });

describe('an estimate of usage that nobody reported', () => {
  it('is bound by what hard limits hold, by the tightest of them, and not by soft ones', () => {
    expect(capOfHolds([])).toEqual({ tokens: Infinity, micros: Infinity });
    expect(capOfHolds([hold({ softTokens: 5 })])).toEqual({ tokens: Infinity, micros: Infinity });
    expect(capOfHolds([hold({ hardTokens: 70, micros: 9 }), hold({ micros: 4 })])).toEqual({ tokens: 70, micros: 4 });
  });

  it('is cut at its output first, and its input last', () => {
    const parts = { ...NO_USAGE, input: 20, output: 30, reasoning: 10 };
    expect(capEstimate(parts, PRICE, { tokens: 45, micros: Infinity })).toEqual({ ...parts, output: 15 });
    expect(capEstimate(parts, PRICE, { tokens: 25, micros: Infinity })).toEqual({ ...parts, output: 0, reasoning: 5 });
    expect(capEstimate(parts, PRICE, { tokens: 15, micros: Infinity })).toEqual({ ...NO_USAGE, input: 15 });
    expect(capEstimate(parts, PRICE, { tokens: Infinity, micros: 60 })).toEqual({ ...parts, output: 5 });
  });

  it('never exceeds the cap, never grows, and stays as it is where it fits', () => {
    const count = fc.integer({ min: 0, max: 5_000 });
    fc.assert(
      fc.property(count, count, count, count, count, (input, output, reasoning, tokens, micros) => {
        const parts = { ...NO_USAGE, input, output, reasoning };
        const capped = capEstimate(parts, PRICE, { tokens, micros });
        expect(totalTokens(capped)).toBeLessThanOrEqual(tokens);
        expect(costMicros(capped, PRICE)).toBeLessThanOrEqual(micros);
        for (const part of ['input', 'output', 'reasoning'] as const) {
          expect(capped[part]).toBeLessThanOrEqual(parts[part]);
        }
        if (totalTokens(parts) <= tokens && costMicros(parts, PRICE) <= micros) expect(capped).toEqual(parts);
      }),
    );
  });
});
