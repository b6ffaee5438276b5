import { createHmac, hkdfSync, timingSafeEqual, createSecretKey, type KeyObject } from 'node:crypto';
import type { CarrierPort } from '@sluice/llm/formats/codec';
import type { ReasoningCarrier } from '@sluice/llm/neutral/parts';

/**
 * Reasoning carriers in an envelope that only we can make: `slreason1_` and base64url of a MAC and the carrier. It is
 * authenticated, not encrypted: the client got the reasoning's proof from us and may keep it.
 */
const MARK = 'slreason1_';
const MAC_BYTES = 16;
/** Encrypted reasoning of a long turn; anything longer is nobody's. */
const LONGEST = 4 * 1024 * 1024;

/** @param seeds of the vault, by version */
export function createCarriers({ seeds }: { seeds: Readonly<Record<string, string>> }): CarrierPort {
  const keys = Object.entries(seeds)
    .toSorted(([left], [right]) => Number(right.slice(1)) - Number(left.slice(1)))
    .map(([version, seed]) =>
      createSecretKey(Buffer.from(hkdfSync('sha256', seed, '', `sluice/reasoning-carrier/${version}`, 32))),
    );
  const newest = keys[0];
  if (newest === undefined) throw new Error('There is no seed to derive the key of reasoning carriers from');
  return {
    seal({ origin, kind, data, id }) {
      const payload = Buffer.from(JSON.stringify(id === undefined ? [origin, kind, data] : [origin, kind, data, id]));
      return MARK + Buffer.concat([macOf(newest, payload), payload]).toString('base64url');
    },
    open(text) {
      if (!text.startsWith(MARK)) return null;
      if (text.length > LONGEST) return 'forged';
      const bytes = Buffer.from(text.slice(MARK.length), 'base64url');
      const payload = bytes.subarray(MAC_BYTES);
      const mac = bytes.subarray(0, MAC_BYTES);
      const isOurs = mac.length === MAC_BYTES && keys.some((key) => timingSafeEqual(macOf(key, payload), mac));
      return isOurs ? readPayload(payload) : 'forged';
    },
  };
}

/** Whether a body holds an envelope, ours or one that claims to be: it cannot be sent on as it is. */
export function hasCarrier(body: Buffer): boolean {
  return body.includes(MARK) || body.includes(MARK_IN_BASE64);
}

/** How an envelope begins where a format wants base64 (Gemini's signatures); both alphabets write it alike. */
const MARK_IN_BASE64 = 'c2xyZWFzb24xX';

function macOf(key: KeyObject, payload: Buffer): Buffer {
  return createHmac('sha256', key).update(payload).digest().subarray(0, MAC_BYTES);
}

function readPayload(payload: Buffer): ReasoningCarrier {
  const [origin, kind, data, id] = JSON.parse(payload.toString()) as [
    string,
    ReasoningCarrier['kind'],
    string,
    string?,
  ];
  return id === undefined ? { origin, kind, data } : { origin, kind, data, id };
}
