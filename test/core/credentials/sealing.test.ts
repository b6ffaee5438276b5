import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { createOpener, createSealer, deriveVaultKeys } from '../../../layers/core/credentials/sealing.ts';
import { credentialAssociatedData } from '../../../layers/core/credentials/sealing-port.ts';

const SEEDS = { v1: 'first-seed', v2: 'second-seed' };
const sealerOf = async (version: 'v1' | 'v2') => createSealer(await deriveVaultKeys({ seed: SEEDS[version], version }));

describe('sealing to the vault', () => {
  it('opens again to exactly what was sealed, whatever it is', async () => {
    const sealer = await sealerOf('v1');
    const opener = createOpener({ seeds: SEEDS });
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 200 }), fc.string(), async (secret, row) => {
        expect(await opener.open(await sealer.seal(secret, row), row)).toBe(secret);
      }),
      { numRuns: 30 },
    );
  });

  it('moved to another row it does not open', async () => {
    const row = credentialAssociatedData({ upstream: 'openai', id: 'crd_1' });
    const sealed = await (await sealerOf('v1')).seal('sk-secret', row);
    const opener = createOpener({ seeds: SEEDS });
    const other = credentialAssociatedData({ upstream: 'openai', id: 'crd_2' });
    await expect(opener.open(sealed, other)).rejects.toThrow();
    await expect(opener.open(sealed, '')).rejects.toThrow();
  });

  it('does not open with another seed, under another version, or when a bit of it changed', async () => {
    const sealed = await (await sealerOf('v1')).seal('sk-secret', 'row');
    const opener = createOpener({ seeds: SEEDS });
    await expect(createOpener({ seeds: { v1: 'another' } }).open(sealed, 'row')).rejects.toThrow();
    await expect(opener.open({ ...sealed, keyVersion: 'v2' }, 'row')).rejects.toThrow();
    for (const field of ['encapsulatedSecret', 'ciphertext'] as const) {
      const bytes = Buffer.from(sealed[field], 'base64');
      bytes[3]! ^= 1;
      await expect(opener.open({ ...sealed, [field]: bytes.toString('base64') }, 'row')).rejects.toThrow();
    }
  });

  it('a version that the seed does not have is named', async () => {
    const sealed = await (await sealerOf('v1')).seal('x', 'row');
    const opener = createOpener({ seeds: { v2: 'second-seed' } });
    await expect(opener.open(sealed, 'row')).rejects.toThrow('no version "v1"');
    await expect(opener.open({ ...sealed, keyVersion: 'toString' }, 'row')).rejects.toThrow('no version "toString"');
  });

  it('opens what older versions sealed while their seed is there', async () => {
    const opener = createOpener({ seeds: SEEDS });
    const both = [await (await sealerOf('v1')).seal('old', 'row'), await (await sealerOf('v2')).seal('new', 'row')];
    expect(await Promise.all(both.map((sealed) => opener.open(sealed, 'row')))).toEqual(['old', 'new']);
  });

  it('sealed twice it looks different twice, and shows nothing of the secret', async () => {
    const sealer = await sealerOf('v1');
    const [first, second] = [await sealer.seal('sk-secret', 'row'), await sealer.seal('sk-secret', 'row')];
    expect(first.ciphertext).not.toBe(second.ciphertext);
    expect(JSON.stringify(first)).not.toContain('sk-secret');
  });

  it('the same seed and version always give the same public key, which stored credentials depend on', async () => {
    const [first, again, second, other] = await Promise.all([
      deriveVaultKeys({ seed: 'abc', version: 'v1' }),
      deriveVaultKeys({ seed: 'abc', version: 'v1' }),
      deriveVaultKeys({ seed: 'abc', version: 'v2' }),
      deriveVaultKeys({ seed: 'abd', version: 'v1' }),
    ]);
    expect(first.publicKey).toBe('o7Kb549TAghLUGaFTbvFUlPG3AKNeN0ADisEYcQ9twQ=');
    expect(again.publicKey).toBe(first.publicKey);
    expect(new Set([first.publicKey, second.publicKey, other.publicKey]).size).toBe(3);
  });

  it('a public key that is none is refused when it is used', async () => {
    await expect(createSealer({ version: 'v1', publicKey: 'AAA=' }).seal('x', 'row')).rejects.toThrow();
  });
});
