/**
 * A random secret by the template's GenerateSecretString:
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-secretsmanager-secret-generatesecretstring.html
 */

import { randomInt } from 'node:crypto';
import type { GenerateSecretString } from '../interfaces.ts';

const LOWERCASE = 'abcdefghijklmnopqrstuvwxyz';
const UPPERCASE = LOWERCASE.toUpperCase();
const NUMBERS = '0123456789';
const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';
const DEFAULT_LENGTH = 32;
const MAX_LENGTH = 4096;

/** Templates carry booleans as such or as text. */
function isSet(value: boolean | string | undefined): boolean {
  return String(value) === 'true';
}

function pick(alphabet: string): string {
  return alphabet[randomInt(alphabet.length)]!;
}

function includedTypes(specification: GenerateSecretString): string[] {
  const excluded = specification.ExcludeCharacters ?? '';
  const types = [
    isSet(specification.ExcludeLowercase) ? '' : LOWERCASE,
    isSet(specification.ExcludeUppercase) ? '' : UPPERCASE,
    isSet(specification.ExcludeNumbers) ? '' : NUMBERS,
    isSet(specification.ExcludePunctuation) ? '' : PUNCTUATION,
    isSet(specification.IncludeSpace) ? ' ' : '',
  ];
  const allowed = types.map((type) => [...type].filter((character) => !excluded.includes(character)).join(''));
  return allowed.filter((type) => type !== '');
}

function randomPassword(specification: GenerateSecretString): string {
  const length = Number(specification.PasswordLength ?? DEFAULT_LENGTH);
  const types = includedTypes(specification);
  const required = isSet(specification.RequireEachIncludedType ?? true) ? types : [];
  if (!Number.isInteger(length) || length < Math.max(1, required.length) || length > MAX_LENGTH) {
    throw new Error(`GenerateSecretString: PasswordLength ${specification.PasswordLength} is out of range`);
  }
  if (types.length === 0) throw new Error('GenerateSecretString: every character is excluded');
  const all = types.join('');
  const characters = Array.from({ length }, (_, at) => pick(required[at] ?? all));
  // The required ones must not be known by their place.
  for (let at = length - 1; at > 0; at -= 1) {
    const other = randomInt(at + 1);
    [characters[at], characters[other]] = [characters[other]!, characters[at]!];
  }
  return characters.join('');
}

/** The SecretString: the password alone, or the template's JSON with the password under GenerateStringKey. */
export function generateSecret(specification: GenerateSecretString): string {
  const password = randomPassword(specification);
  const { SecretStringTemplate: template, GenerateStringKey: key } = specification;
  if (template === undefined && key === undefined) return password;
  if (template === undefined || key === undefined) {
    throw new Error('GenerateSecretString: SecretStringTemplate and GenerateStringKey belong together');
  }
  const content: unknown = JSON.parse(template);
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new Error('GenerateSecretString: SecretStringTemplate is not a JSON object');
  }
  return JSON.stringify({ ...content, [key]: password });
}
