import { describe, expect, it } from '@jest/globals';
import { tokenAssociatedData } from '../../../layers/core/credentials/sealing-port.ts';
import { createOpener, createSealer, deriveVaultKeys } from '../../../layers/core/credentials/sealing.ts';
import { newTokenState } from '../../../layers/core/credentials/refresh/tokens.ts';
import type { Credential } from '../../../layers/core/credentials/store.ts';
import { revealTokens } from '../../../layers/core/credentials/vending/reveal.ts';
import { createMemoryTokens } from '../../support/memory-tokens.ts';

const SEEDS = { v1: 'vault-seed-0123456789abcdefghijklmnop' };
const KEY = { upstream: 'up', credentialId: 'crd_a' };

async function stage(tokenReveal: 'on' | 'off') {
  const sealer = createSealer(await deriveVaultKeys({ seed: SEEDS.v1, version: 'v1' }));
  const seal = (text: string, field: 'accessToken' | 'refreshToken') =>
    sealer.seal(text, tokenAssociatedData(KEY, field));
  const row = {
    ...newTokenState(await seal('rt-2', 'refreshToken')),
    lastRefreshToken: await seal('rt-1', 'refreshToken'),
    ...KEY,
  };
  const credential = { id: 'crd_a', upstream: 'up', name: 'alice' } as Credential;
  let opened = 0;
  const opener = createOpener({ seeds: SEEDS });
  return {
    credential,
    opened: () => opened,
    deps: {
      vault: { findCredential: async (_: string, id: string) => (id === credential.id ? credential : null) },
      tokens: createMemoryTokens([row]),
      opener: {
        open: (...given: Parameters<typeof opener.open>) => {
          opened += 1;
          return opener.open(...given);
        },
      },
      readSettings: async () => ({ tokenReveal }),
      isUsers: ({ name }: Credential) => name.startsWith('own-'),
    },
  };
}

describe('tokens for an operator’s eyes', () => {
  it('are the present ones and the refresh token before, where the setting is on', async () => {
    const { deps } = await stage('on');
    expect(await revealTokens(deps, KEY)).toEqual({
      outcome: 'revealed',
      tokens: { accessToken: null, refreshToken: 'rt-2', lastRefreshToken: 'rt-1' },
    });
    expect(await revealTokens(deps, { ...KEY, credentialId: 'crd_b' })).toEqual({ outcome: 'not-found' });
  });

  it('are not opened while the setting is off, nor those of users ever', async () => {
    const off = await stage('off');
    expect(await revealTokens(off.deps, KEY)).toEqual({ outcome: 'switched-off' });
    const users = await stage('on');
    users.credential.name = 'own-crd_a';
    expect(await revealTokens(users.deps, KEY)).toEqual({ outcome: 'not-an-operators' });
    expect([off.opened(), users.opened()]).toEqual([0, 0]);
  });
});
