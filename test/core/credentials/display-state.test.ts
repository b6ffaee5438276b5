import { DISPLAY_STATES, displayState } from '../../../layers/core/credentials/display-state.ts';
import { ALL_MODELS, type PoolState } from '../../../layers/core/credentials/pool-state.ts';

const NOW = 1_000_000;
const WELL = { enabled: true, secretDigest: 'd' };

function aState(change: Partial<PoolState>): PoolState {
  return {
    upstream: 'up',
    credentialId: 'crd',
    model: 'm',
    reason: 'rate_limited',
    failures: 1,
    since: NOW - 1,
    until: NOW + 1,
    ownWord: true,
    secretDigest: 'd',
    probe: null,
    version: 1,
    ...change,
  };
}

const INVALID = aState({ model: ALL_MODELS, reason: 'credential_invalid', until: NOW - 1 });
const COOLING = aState({ model: 'a' });
const UNPROVEN = aState({ model: 'b', until: NOW });
const SPENT = aState({ model: ALL_MODELS, reason: 'quota_exhausted' });

describe('the state that is shown', () => {
  it('is the first that holds of invalid, disabled, cooling, unknown, exhausted, active', () => {
    const off = { ...WELL, enabled: false };
    expect([
      displayState(off, [SPENT, UNPROVEN, COOLING, INVALID], NOW).state,
      displayState(off, [SPENT, UNPROVEN, COOLING], NOW).state,
      displayState(WELL, [SPENT, UNPROVEN, COOLING], NOW).state,
      displayState(WELL, [SPENT, UNPROVEN], NOW).state,
      displayState(WELL, [SPENT], NOW).state,
      displayState(WELL, [], NOW).state,
    ]).toEqual(DISPLAY_STATES);
  });

  it('carries the reason, the end and the model that is concerned', () => {
    expect(displayState(WELL, [COOLING], NOW)).toEqual({
      state: 'cooling',
      reason: 'rate_limited',
      until: NOW + 1,
      model: 'a',
    });
    expect(displayState(WELL, [SPENT], NOW)).toMatchObject({ reason: 'quota_exhausted', model: null });
  });

  it('does not look at healed states, nor at what another secret did', () => {
    expect(displayState(WELL, [aState({ failures: 0 })], NOW).state).toBe('active');
    expect(displayState(WELL, [{ ...INVALID, secretDigest: 'old' }], NOW).state).toBe('active');
  });

  it('tells who switched it off, and when its own limits begin anew', () => {
    const off = { ...WELL, enabled: false };
    expect(displayState(off, [], NOW)).toMatchObject({ state: 'disabled', reason: 'disabled_by_operator' });
    expect(displayState({ ...off, disabledByOwner: true }, [], NOW).reason).toBe('disabled_by_owner');
    const spent = { ...WELL, spent: { until: NOW + 5 } };
    expect(displayState(spent, [], NOW)).toEqual({
      state: 'exhausted',
      reason: 'own_limit',
      until: NOW + 5,
      model: null,
    });
    expect(displayState(spent, [UNPROVEN], NOW).state).toBe('unknown');
    expect(displayState({ ...WELL, spent: null }, [], NOW).state).toBe('active');
  });
});
