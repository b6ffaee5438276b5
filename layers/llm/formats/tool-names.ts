import { shortDigest } from '@sluice/kit/crypto/short-digest';
import type { CallContext } from './codec.ts';

/** What all vendors take as a tool's name (OpenAI, Anthropic: `^[a-zA-Z0-9_-]{1,64}$`). */
const LONGEST_NAME = 64;
const FITS = /^[a-zA-Z0-9_-]+$/;
const DIGEST_LENGTH = 8;

/**
 * The tool's name as the upstream takes it. Too long ones and those with dots, slashes and the like keep their beginning
 * and get a digest of the whole, so that equal names stay equal and different ones different; `call.toolNames` knows the
 * way back.
 */
export function sendToolName(name: string, call: Pick<CallContext, 'toolNames'>): string {
  const sent = fit(name, LONGEST_NAME);
  if (sent !== name) call.toolNames.set(sent, name);
  return sent;
}

/** The name as the client wrote it. */
export function restoreToolName(name: string, call: Pick<CallContext, 'toolNames'>): string {
  return call.toolNames.size === 0 ? name : (call.toolNames.get(name) ?? name);
}

/**
 * A call's id within an upstream's bounds. There is no way back and none is needed: the upstream sees call and result
 * under the same id, and its answers have new ones.
 */
export function fitCallId(id: string, longest: number): string {
  return fit(id, longest);
}

function fit(text: string, longest: number): string {
  if (text.length <= longest && FITS.test(text)) return text;
  const readable = text.replaceAll(/[^a-zA-Z0-9_-]/g, '_').slice(0, longest - DIGEST_LENGTH - 1);
  return `${readable}_${shortDigest(text, DIGEST_LENGTH)}`;
}
