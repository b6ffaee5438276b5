import { describe, expect, test } from '@jest/globals';
import { isSandboxOnly, nextStep, stepsOf } from '../../../../admin-web/src/features/guide/steps.ts';

const NOTHING = { mayAddCredentials: true, upstreams: [], keys: 0, lastRequest: null, hasSeenLog: false };

describe('the guide for beginners', () => {
  test('begins for operators with a credential, for everybody else with a key', () => {
    expect(nextStep(stepsOf(NOTHING))).toBe('credential');
    expect(stepsOf({ ...NOTHING, mayAddCredentials: false }).map(({ name }) => name)).toEqual([
      'key',
      'request',
      'log',
    ]);
  });

  test('ticks what is done already, in whatever order it was done', () => {
    const steps = stepsOf({ ...NOTHING, upstreams: ['openai'], lastRequest: 'abc' });
    expect(steps.filter(({ done }) => done).map(({ name }) => name)).toEqual(['credential', 'request']);
    expect(nextStep(steps)).toBe('key');
  });

  test('has no next step when all is done', () => {
    const facts = { ...NOTHING, upstreams: ['openai'], keys: 1, lastRequest: 'abc', hasSeenLog: true };
    expect(nextStep(stepsOf(facts))).toBeNull();
  });

  test('tells the sandbox of one machine from upstreams of the world', () => {
    expect(isSandboxOnly(['sandbox', 'sandbox-claude'])).toBe(true);
    expect(isSandboxOnly(['sandbox', 'openai'])).toBe(false);
    expect(isSandboxOnly(['sandboxes-of-others'])).toBe(false);
    expect(isSandboxOnly([])).toBe(false);
  });
});
