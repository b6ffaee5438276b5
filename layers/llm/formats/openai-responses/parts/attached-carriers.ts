import type { AssistantPart, ReasoningCarrier } from '../../../neutral/parts.ts';

/**
 * Gemini signs texts and tool calls; items of this API have a place for such a thing in reasoning only. So the
 * signature follows in a reasoning item of its own, whose carrier says in its `id` what it belongs to. (Gemini has no
 * ids of its own that would need that place.)
 */
const TO_CALL = 'of-call:';
const TO_TEXT = 'of-text';

export interface Attachment {
  carrier: ReasoningCarrier;
  /** Null: the text before it. */
  callId: string | null;
}

export function writeAttachment({ carrier, callId }: Attachment): ReasoningCarrier {
  return { ...carrier, id: callId === null ? TO_TEXT : `${TO_CALL}${callId}` };
}

/** Null for a carrier that belongs to reasoning. */
export function readAttachment({ id, ...carrier }: ReasoningCarrier): Attachment | null {
  if (id === TO_TEXT) return { carrier, callId: null };
  return id?.startsWith(TO_CALL) ? { carrier, callId: id.slice(TO_CALL.length) } : null;
}

/** False where what it belongs to is gone. */
export function attachCarrier(content: AssistantPart[], { carrier, callId }: Attachment): boolean {
  for (let index = content.length - 1; index >= 0; index -= 1) {
    const part = content[index] as AssistantPart;
    if (callId === null ? part.type === 'text' : part.type === 'tool-call' && part.id === callId) {
      content[index] = { ...part, carrier } as AssistantPart;
      return true;
    }
  }
  return false;
}
