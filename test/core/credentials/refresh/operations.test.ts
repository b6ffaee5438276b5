import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { refreshTokenDigest } from '../../../../layers/core/credentials/duplicates.ts';
import { createMemoryPoolStates } from '../../../support/memory-pool-states.ts';
import { startStage, type Stage } from './stage.ts';

describe('the log of operations of a credential', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage();
  });
  afterAll(() => stage.sandbox.close());

  async function refreshed(name: string, refreshToken: string, times: number) {
    const key = await stage.add(name, { refreshToken });
    const { changes, ...states } = createMemoryPoolStates();
    const refresher = stage.another({ changes: states });
    for (let time = 0; time < times; time += 1) {
      await refresher.refresh(key, { kind: 'manual', since: Number.MAX_SAFE_INTEGER, onceMore: false });
    }
    return { key, changes: changes.map(({ by, from, to, reason }) => ({ by, from, to, reason })) };
  }

  it('says when it got its first access token, and nothing of those that follow', async () => {
    const { changes } = await refreshed('log-1', 'rt-log-1', 3);
    expect(changes).toEqual([{ by: 'refresh', from: 'active', to: 'active', reason: 'its first access token' }]);
  });

  it('says once that the server refused it for good', async () => {
    const { changes } = await refreshed('log-2', 'rt-log-2--invalid-grant', 2);
    expect(changes).toMatchObject([{ by: 'refresh', from: 'active', to: 'invalid' }]);
    expect(changes[0]?.reason).toContain('refused the refresh token for good');
  });

  it('says once that nobody knows what became of it', async () => {
    const { changes } = await refreshed('log-3', 'rt-log-3--cut', 2);
    expect(changes).toMatchObject([{ by: 'refresh', from: 'active', to: 'ambiguous' }]);
  });

  it('that cannot be written takes nothing from the refresh', async () => {
    const key = await stage.add('log-4', { refreshToken: 'rt-log-4' });
    const broken = { appendChange: () => Promise.reject(new Error('no store')) };
    const refresher = stage.another({ changes: broken });
    const cause = { kind: 'manual', since: Number.MAX_SAFE_INTEGER, onceMore: false } as const;
    expect(await refresher.refresh(key, cause)).toMatchObject({ outcome: 'refreshed' });
    expect(stage.log.map(({ event }) => event)).toContain('credential_change_unlogged');
  });

  it('beside it the refresh token that came is noted as this credential’s', async () => {
    const { key } = await refreshed('log-5', 'rt-log-5', 1);
    const { refreshToken } = await stage.open(key);
    expect(refreshToken).not.toBe('rt-log-5');
    expect(stage.tokens.marks.get(`oauth#${refreshTokenDigest(refreshToken ?? '')}`)).toEqual(key);
  });
});
