import fc from 'fast-check';
import { generateSecret } from '../../../../infra/local/store/stand-ins/generate-secret.ts';

const PUNCTUATION = /[!"#$%&'()*+,\-./:;<=>?@[\\\]^_`{|}~]/;

test('a secret without settings has 32 characters with every kind but the space', () => {
  const secret = generateSecret({});
  expect(secret).toHaveLength(32);
  for (const kind of [/[a-z]/, /[A-Z]/, /\d/, PUNCTUATION]) expect(secret).toMatch(kind);
  expect(secret).not.toContain(' ');
});

test('a secret keeps to its length, its kinds and its excluded characters', () => {
  const settings = fc.record({
    PasswordLength: fc.integer({ min: 8, max: 200 }),
    ExcludePunctuation: fc.boolean(),
    ExcludeNumbers: fc.boolean(),
    ExcludeUppercase: fc.constantFrom('true', 'false'),
    IncludeSpace: fc.boolean(),
    ExcludeCharacters: fc.string({ maxLength: 10 }).filter((text) => !/[a-z]/.test(text)),
  });
  fc.assert(
    fc.property(settings, (specification) => {
      const secret = generateSecret(specification);
      expect(secret).toHaveLength(specification.PasswordLength);
      expect(secret).toMatch(/[a-z]/);
      expect(/\d/.test(secret) && specification.ExcludeNumbers).toBe(false);
      expect(/[A-Z]/.test(secret) && specification.ExcludeUppercase === 'true').toBe(false);
      expect(PUNCTUATION.test(secret) && specification.ExcludePunctuation).toBe(false);
      expect([...secret].some((character) => specification.ExcludeCharacters.includes(character))).toBe(false);
    }),
  );
});

test('the template keeps its fields and receives the secret under its key', () => {
  const secret = generateSecret({
    SecretStringTemplate: '{"username":"admin"}',
    GenerateStringKey: 'password',
    ExcludePunctuation: true,
    PasswordLength: 24,
  });
  expect(JSON.parse(secret)).toEqual({ username: 'admin', password: expect.stringMatching(/^[A-Za-z0-9]{24}$/) });
});

test.each([
  [{ PasswordLength: 2 }],
  [{ PasswordLength: 5000 }],
  [{ ExcludeLowercase: true, ExcludeUppercase: true, ExcludeNumbers: true, ExcludePunctuation: true }],
  [{ SecretStringTemplate: '{}' }],
  [{ SecretStringTemplate: '[]', GenerateStringKey: 'a' }],
])('%j cannot be met and says so', (specification) => {
  expect(() => generateSecret(specification)).toThrow(/GenerateSecretString/);
});
