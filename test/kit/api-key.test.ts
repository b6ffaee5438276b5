import { generateApiKey, isPlausibleApiKey } from '@sluice/kit/ids/api-key';

describe('generated keys', () => {
  it('carry a checksum, so that a mistyped key is recognised without a look-up', () => {
    const secret = generateApiKey();
    const at = secret.length - 10;
    const typo = secret.slice(0, at) + (secret[at] === 'x' ? 'y' : 'x') + secret.slice(at + 1);
    expect(isPlausibleApiKey(secret)).toBe(true);
    expect(isPlausibleApiKey(typo)).toBe(false);
    expect(isPlausibleApiKey(secret.slice(0, -1))).toBe(false);
  });

  it('let any key pass that an operator chose', () => {
    expect(isPlausibleApiKey('sk-sluice-chosen-by-the-operator-0001')).toBe(true);
  });
});
