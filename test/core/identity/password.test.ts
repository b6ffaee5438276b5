import { hashPassword, SCRYPT_PARAMETERS, verifyPassword } from '../../../layers/core/identity/password.ts';

const CHEAP = { ln: 4, r: 8, p: 1 };

describe('passwords', () => {
  it('are hashed as strongly as OWASP asks: N = 2^15, r = 8, p = 3', async () => {
    expect(SCRYPT_PARAMETERS).toEqual({ ln: 15, r: 8, p: 3 });
    expect(await hashPassword('correct horse')).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$[\w+/]{22}\$[\w+/]{43}$/);
  });

  it('open with the same text only', async () => {
    const hash = await hashPassword('correct horse', CHEAP);
    expect(await verifyPassword({ password: 'correct horse', hash }, CHEAP)).toBe(true);
    expect(await verifyPassword({ password: 'correct horse ', hash }, CHEAP)).toBe(false);
  });

  it('are checked with the parameters that they were hashed with', async () => {
    const hash = await hashPassword('x', CHEAP);
    expect(await verifyPassword({ password: 'x', hash }, { ln: 5, r: 8, p: 1 })).toBe(true);
  });

  it('never hash to the same text twice', async () => {
    expect(await hashPassword('x', CHEAP)).not.toBe(await hashPassword('x', CHEAP));
  });

  it.each([null, '', 'plain', '$scrypt$ln=15$x$y', '$2b$12$abcdefghijklmnopqrstuv'])(
    'are wrong for the stored text %p',
    async (hash) => {
      expect(await verifyPassword({ password: 'x', hash }, CHEAP)).toBe(false);
    },
  );

  it('take composed and decomposed accents for the same letters', async () => {
    const hash = await hashPassword('caf\u00e9', CHEAP);
    expect(await verifyPassword({ password: 'cafe\u0301', hash }, CHEAP)).toBe(true);
  });
});
