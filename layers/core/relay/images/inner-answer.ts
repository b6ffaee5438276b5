import type { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { Answer } from '../answer.ts';

/** Why a call brought nothing: an error of ours, or the upstream's own words. */
export type InnerRefusal =
  | { kind: 'error'; error: GatewayError }
  | { kind: 'told'; status: number; headers: Record<string, string>; body: Buffer };

/** The answer of one call of several: what it brings goes on, how it fails is kept. */
export interface InnerAnswer extends Answer {
  refusal(): InnerRefusal | null;
}

export function createInnerAnswer(outer: Answer): InnerAnswer {
  let told: { status: number; headers: Record<string, string>; pieces: Uint8Array[] } | null = null;
  let error: GatewayError | null = null;
  let hasContent = false;
  return {
    get committed() {
      return outer.committed || told !== null;
    },
    get hasContent() {
      return hasContent;
    },
    get firstByteMs() {
      return outer.firstByteMs;
    },
    head(status, headers) {
      if (status < 400) outer.head(status, headers);
      else told ??= { status, headers, pieces: [] };
    },
    content(bytes) {
      hasContent = true;
      return outer.content(bytes);
    },
    aside(bytes) {
      if (told === null) return outer.aside(bytes);
      told.pieces.push(bytes);
      return undefined;
    },
    fail(given) {
      error ??= given;
    },
    end: () => undefined,
    refusal() {
      if (error !== null) return { kind: 'error', error };
      return told && { kind: 'told', status: told.status, headers: told.headers, body: Buffer.concat(told.pieces) };
    },
  };
}
