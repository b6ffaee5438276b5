import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** scrypt's work: N = 2^`ln`, block size `r`, parallelism `p`. Memory is 128 · N · r bytes. */
export interface ScryptParameters {
  ln: number;
  r: number;
  p: number;
}

/**
 * One of the equally strong settings of OWASP's password storage cheat sheet; this one needs 32 MB, which a small
 * function has. https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#scrypt
 */
export const SCRYPT_PARAMETERS: ScryptParameters = { ln: 15, r: 8, p: 3 };

const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** `$scrypt$ln=15,r=8,p=3$<salt>$<hash>`, base64 without padding: the PHC string format. */
const PHC = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$/;

/** The PHC text of a password under a new salt. */
export async function hashPassword(
  password: string,
  parameters: ScryptParameters = SCRYPT_PARAMETERS,
): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, parameters);
  const { ln, r, p } = parameters;
  return `$scrypt$ln=${ln},r=${r},p=${p}$${unpadded(salt)}$${unpadded(hash)}`;
}

/**
 * Whether the password belongs to the hash, compared in constant time. A user who does not exist or has no password
 * (`hash` null) costs the same work, so that the time of the answer tells nothing.
 */
export async function verifyPassword(
  input: { password: string; hash: string | null },
  parameters: ScryptParameters = SCRYPT_PARAMETERS,
): Promise<boolean> {
  const match = input.hash === null ? null : PHC.exec(input.hash);
  if (!match) {
    await derive(input.password, randomBytes(SALT_BYTES), parameters);
    return false;
  }
  const [, ln, r, p, salt = '', hash = ''] = match;
  const stored = { ln: Number(ln), r: Number(r), p: Number(p) };
  return timingSafeEqual(
    await derive(input.password, Buffer.from(salt, 'base64'), stored),
    Buffer.from(hash, 'base64'),
  );
}

function derive(password: string, salt: Buffer, { ln, r, p }: ScryptParameters): Promise<Buffer> {
  const N = 2 ** ln;
  // Composed and decomposed accents are one password: what a keyboard sends differs by system.
  const text = password.normalize('NFC');
  return new Promise((resolve, reject) => {
    scrypt(text, salt, HASH_BYTES, { N, r, p, maxmem: 256 * N * r }, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}
