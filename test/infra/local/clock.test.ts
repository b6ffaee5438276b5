import { describe, expect, test } from '@jest/globals';
import { createContext, runInContext } from 'node:vm';
import { installShiftedClock } from '../../../infra/local/clock.ts';

const DAY_MS = 86_400_000;

function shiftedRealm(offsetMs = 0) {
  const context = createContext({});
  const clock = installShiftedClock(runInContext('globalThis', context) as typeof globalThis, offsetMs);
  return { clock, evaluate: (code: string): unknown => runInContext(code, context) };
}

describe('the shifted clock', () => {
  test('moves Date.now, new Date and Date() alike', () => {
    const { evaluate } = shiftedRealm(10 * DAY_MS);
    const expected = Date.now() + 10 * DAY_MS;
    expect(Math.abs(Number(evaluate('Date.now()')) - expected)).toBeLessThan(60_000);
    expect(Math.abs(Number(evaluate('new Date().getTime()')) - expected)).toBeLessThan(60_000);
    expect(Math.abs(Number(evaluate('Date.parse(Date())')) - expected)).toBeLessThan(60_000);
  });

  test('leaves given instants, parsing and types as they are', () => {
    const { evaluate } = shiftedRealm(DAY_MS);
    expect(evaluate('new Date(5).getTime()')).toBe(5);
    expect(evaluate('new Date(2027, 0, 2) - new Date(2027, 0, 1)')).toBe(DAY_MS);
    expect(evaluate('Date.UTC(1970, 0, 2)')).toBe(DAY_MS);
    expect(evaluate('Date.parse("1970-01-02T00:00:00Z")')).toBe(DAY_MS);
    expect(evaluate('new Date() instanceof Date && new Date().constructor === Date && Date.name === "Date"')).toBe(
      true,
    );
    expect(evaluate('class Later extends Date {}; new Later(7).getTime() + Number(new Later() instanceof Later)')).toBe(
      8,
    );
    expect(evaluate('Object.prototype.toString.call(new Date())')).toBe('[object Date]');
  });

  test('follows a later offset at once and goes on ticking', () => {
    const { clock, evaluate } = shiftedRealm();
    clock.setOffset(3 * DAY_MS);
    const first = Number(evaluate('Date.now()'));
    expect(Math.abs(first - Date.now() - 3 * DAY_MS)).toBeLessThan(60_000);
    expect(Number(evaluate('let n = Date.now(); while (Date.now() === n); Date.now()'))).toBeGreaterThan(first);
  });
});
