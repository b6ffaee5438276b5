import { describe, expect, test } from '@jest/globals';
import { DEFAULT_SETTINGS } from '@sluice/core/catalog/store';
import { RELAY_TIMERS, timersOf } from '@sluice/core/relay/timers';

describe('the limits of a request’s waiting', () => {
  test('are the relay’s own where the operator set none', () => {
    expect(timersOf(RELAY_TIMERS, 'heavy', DEFAULT_SETTINGS)).toEqual({
      table: RELAY_TIMERS.byClass.heavy,
      slowStartMs: RELAY_TIMERS.slowStartMs.heavy,
    });
  });

  test('are the operator’s where they are set, for that class alone', () => {
    const settings = {
      ...DEFAULT_SETTINGS,
      upstreamTimeouts: { chat: { firstByteMs: 9000, slowStartMs: 7000, idleMs: undefined } },
    };
    const own = RELAY_TIMERS.byClass;
    expect(timersOf(RELAY_TIMERS, 'chat', settings)).toEqual({
      table: { ...own.chat, firstByteMs: 9000 },
      slowStartMs: 7000,
    });
    expect(timersOf(RELAY_TIMERS, 'image', settings).table).toEqual(own.image);
  });
});
