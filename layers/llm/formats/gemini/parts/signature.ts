import type { ReasoningCarrier } from '../../../neutral/parts.ts';
import type { ClientContext } from '../../codec.ts';
import { openCarrier } from '../../carried-id.ts';

const NATIVE = { origin: 'native:gemini', kind: 'signature' } as const;

/**
 * Signatures are bytes in the API, so SDKs decode their base64 and write it again in an alphabet of their choice: an
 * envelope travels as the base64 of its text.
 */
export function sealSignature(carrier: ReasoningCarrier, client: Pick<ClientContext, 'carriers'>): string {
  return Buffer.from(client.carriers.seal(carrier)).toString('base64');
}

/** An envelope of ours opened, else Google's own signature; undefined for a forged one, which the client is told of. */
export function openSignature(text: string, client: ClientContext, path: string): ReasoningCarrier | undefined {
  const decoded = Buffer.from(text, 'base64').toString('latin1');
  const opened = ENVELOPE.test(decoded) ? client.carriers.open(decoded) : null;
  if (opened === null) return openCarrier(text, NATIVE, { client, field: path });
  if (opened !== 'forged') return opened;
  client.warn('forged-carrier', path);
  return undefined;
}

const ENVELOPE = /^[A-Za-z0-9_-]+$/;
