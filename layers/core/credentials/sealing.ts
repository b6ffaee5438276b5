import { hkdfSync } from 'node:crypto';
import { AEAD_AES_256_GCM, CipherSuite, KDF_HKDF_SHA256, KEM_DHKEM_X25519_HKDF_SHA256 } from 'hpke';
import type { Opener, Sealer } from './sealing-port.ts';

const suite = new CipherSuite(KEM_DHKEM_X25519_HKDF_SHA256, KDF_HKDF_SHA256, AEAD_AES_256_GCM);

/** Domain separation of HPKE itself (RFC 9180 §5.1 `info`): a ciphertext of another use of the key never opens here. */
const INFO = new TextEncoder().encode('sluice/vault/sealed-value/1');

export interface VaultKeys {
  version: string;
  keyPair: Awaited<ReturnType<typeof suite.DeriveKeyPair>>;
  /** base64 of the raw X25519 public key: what is published in the catalog. */
  publicKey: string;
}

/**
 * The vault's key pair of one version: HKDF-SHA-256 of the seed with a label and the version, then HPKE's
 * DeriveKeyPair (RFC 9180 §7.1.3). The same seed and version always give the same pair.
 */
export async function deriveVaultKeys(input: { seed: string; version: string }): Promise<VaultKeys> {
  const material = hkdfSync('sha256', input.seed, '', `sluice/vault/x25519/${input.version}`, 32);
  const keyPair = await suite.DeriveKeyPair(new Uint8Array(material), false);
  const publicKey = Buffer.from(await suite.SerializePublicKey(keyPair.publicKey)).toString('base64');
  return { version: input.version, keyPair, publicKey };
}

/** @param input.publicKey base64 of the raw X25519 public key that the vault published */
export function createSealer(input: { version: string; publicKey: string }): Sealer {
  const publicKey = suite.DeserializePublicKey(Buffer.from(input.publicKey, 'base64'));
  // Whoever seals sees the failure; without this an unused sealer would end the process.
  publicKey.catch(() => undefined);
  return {
    async seal(plaintext, associatedData) {
      const sealed = await suite.Seal(await publicKey, new TextEncoder().encode(plaintext), {
        aad: new TextEncoder().encode(associatedData),
        info: INFO,
      });
      return {
        keyVersion: input.version,
        encapsulatedSecret: Buffer.from(sealed.encapsulatedSecret).toString('base64'),
        ciphertext: Buffer.from(sealed.ciphertext).toString('base64'),
      };
    },
  };
}

/** @param input.seeds the vault seed secret: seed by key version, e.g. `{v1: '…'}` */
export function createOpener(input: { seeds: Readonly<Record<string, string>> }): Opener {
  const derived = new Map<string, Promise<VaultKeys>>();
  const keysOf = (version: string): Promise<VaultKeys> => {
    const known = derived.get(version);
    if (known) return known;
    const seed = Object.hasOwn(input.seeds, version) ? input.seeds[version] : undefined;
    if (!seed) return Promise.reject(new Error(`The vault seed has no version ${JSON.stringify(version)}.`));
    const keys = deriveVaultKeys({ seed, version });
    derived.set(version, keys);
    return keys;
  };
  return {
    async open(sealed, associatedData) {
      const { keyPair } = await keysOf(sealed.keyVersion);
      const plaintext = await suite.Open(
        keyPair,
        Buffer.from(sealed.encapsulatedSecret, 'base64'),
        Buffer.from(sealed.ciphertext, 'base64'),
        { aad: new TextEncoder().encode(associatedData), info: INFO },
      );
      return new TextDecoder().decode(plaintext);
    },
  };
}
