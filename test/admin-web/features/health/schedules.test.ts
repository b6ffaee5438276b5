import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  SCHEDULES,
  SCHEDULE_NAMES,
  continuationOf,
  parametersOf,
} from '../../../../admin-web/src/features/health/schedules.ts';
import { readSystemSearch } from '../../../../admin-web/src/features/health/system-search.ts';

const FUNCTIONS = path.join(import.meta.dirname, '../../../../functions/schedules');

function scheduleNamed(name: string) {
  const found = SCHEDULES.find((schedule) => schedule.name === name);
  if (!found) throw new Error(`there is no schedule ${name}`);
  return found;
}

describe('the schedules that can be run by hand', () => {
  test('are those that the gateway has', () => {
    const deployed = readdirSync(FUNCTIONS).map((file) => file.replace(/\.ts$/, ''));
    expect([...SCHEDULE_NAMES].toSorted()).toEqual(deployed.toSorted());
    expect(SCHEDULES.map(({ name }) => name).toSorted()).toEqual(deployed.toSorted());
  });

  test('are told what was said and nothing else', () => {
    expect(parametersOf(scheduleNamed('sweep-holds'), { force: true })).toEqual({});
    expect(parametersOf(scheduleNamed('refresh-credentials'), { force: true })).toEqual({ force: true });
    expect(parametersOf(scheduleNamed('refresh-credentials'), { force: false })).toEqual({});
    expect(parametersOf(scheduleNamed('evaluate-alerts'), { only: true })).toEqual({ only: 'deliver' });
  });

  test('are told instants with their zone, and are not run while one that they need is missing', () => {
    const from = new Date('2026-01-31T08:30').toISOString();
    expect(parametersOf(scheduleNamed('roll-up-usage'), {})).toEqual({});
    expect(parametersOf(scheduleNamed('roll-up-usage'), { from: '2026-01-31T08:30' })).toEqual({ from });
    expect(parametersOf(scheduleNamed('replay-usage'), { from: '2026-01-31T08:30' })).toBeNull();
    expect(parametersOf(scheduleNamed('replay-usage'), { from: '2026-01-31T08:30', to: 'soon' })).toBeNull();
  });

  test('go on where they stopped, until their report leaves nothing', () => {
    const sent = { from: 'a', to: 'b' };
    expect(continuationOf(sent, { next: 'c' })).toEqual({ from: 'c', to: 'b' });
    expect(continuationOf(sent, { next: null, finished: true, more: false })).toBeNull();
    expect(continuationOf({}, { more: true })).toEqual({});
    expect(continuationOf({}, { finished: false })).toEqual({});
    expect(continuationOf({}, { unfinished: 3 })).toEqual({});
    expect(continuationOf({}, null)).toBeNull();
  });

  test('are opened by an address that names one of them', () => {
    expect(readSystemSearch({ run: 'sweep-holds' })).toEqual({ run: 'sweep-holds' });
    expect(readSystemSearch({ run: 'format-disk' })).toEqual({});
  });
});
