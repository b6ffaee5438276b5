import { createHmac } from 'node:crypto';
import { hexOf } from '../text.ts';

/**
 * What vendors give out with reasoning and want back unchanged: here a name and its HMAC, so that a changed or foreign
 * one is found out.
 */
type ProofOf = 'anthropic' | 'gemini' | 'openai';

export function createProof(vendor: ProofOf, seed: string): string {
  const name = hexOf(`${vendor}/${seed}`, 32);
  return Buffer.from(`${name}${macOf(vendor, name)}`).toString('base64');
}

export function isProof(vendor: ProofOf, text: unknown): boolean {
  if (typeof text !== 'string') return false;
  const plain = Buffer.from(text, 'base64').toString();
  const name = plain.slice(0, 32);
  return plain === `${name}${macOf(vendor, name)}` && Buffer.from(plain).toString('base64') === text;
}

function macOf(vendor: ProofOf, name: string): string {
  return createHmac('sha256', `sandbox ${vendor}`).update(name).digest('hex');
}
