import type { JsonObject } from '../../../neutral/json.ts';
import type { TextPart } from '../../../neutral/parts.ts';
import { repairPairs } from '../../../neutral/repair-pairs.ts';
import type { NeutralMessage, SystemMessage } from '../../../neutral/request.ts';
import type { CallContext } from '../../codec.ts';
import { encodeAssistantPart, encodeText, encodeUserPart } from './encode-blocks.ts';

export interface EncodedConversation {
  system: JsonObject[];
  messages: JsonObject[];
}

interface Turn {
  role: 'user' | 'assistant';
  content: JsonObject[];
}

/** What is said where the format demands a user's message and the client has none. */
const OPENING = 'Begin.';

/**
 * Leading instructions are the system prompt; later ones keep their place, so that the prefix that the vendor caches
 * stays the same from turn to turn. Neighbours of one role become one message, and turns begin with the user.
 */
export function encodeConversation(given: readonly NeutralMessage[], call: CallContext): EncodedConversation {
  const messages = repairPairs(given, call.warn);
  const leading = messages.findIndex(({ role }) => role !== 'system');
  const head = messages.slice(0, leading < 0 ? messages.length : leading) as SystemMessage[];
  const turns: Turn[] = [];
  for (const message of messages.slice(head.length)) {
    const turn = encodeMessage(message, call);
    if (turn.content.length === 0) continue;
    const last = turns.at(-1);
    if (last?.role === turn.role) last.content.push(...turn.content);
    else turns.push(turn);
  }
  finishTurns(turns, call);
  return {
    system: head.flatMap(({ content }) => content.flatMap(encodeText)),
    messages: turns.map(({ role, content }) => ({ role, content: plain(content) })),
  };
}

function encodeMessage(message: NeutralMessage, call: CallContext): Turn {
  if (message.role === 'system') {
    call.warn('approximated', 'messages[].role');
    return { role: 'user', content: message.content.flatMap((part) => encodeText(asReminder(part))) };
  }
  if (message.name !== undefined) call.warn('dropped', 'messages[].name');
  if (message.role === 'user') {
    return { role: 'user', content: message.content.flatMap((part) => encodeUserPart(part, call)) };
  }
  return { role: 'assistant', content: message.content.flatMap((part) => encodeAssistantPart(part, call)) };
}

/** Instructions in the middle of a conversation, in the shape that Anthropic's own clients give them. */
function asReminder(part: TextPart): TextPart {
  if (part.text.trim() === '') return part;
  return { ...part, text: `<system-reminder>\n${part.text}\n</system-reminder>` };
}

function finishTurns(turns: Turn[], call: CallContext): void {
  for (let index = turns.length - 1; index >= 0; index -= 1) {
    const turn = turns[index] as Turn;
    // The last block of an assistant's turn may not be its thinking.
    while (turn.role === 'assistant' && isThinking(turn.content.at(-1))) turn.content.pop();
    if (turn.content.length === 0) removeTurn(turns, index);
  }
  const last = turns.at(-1);
  if (last?.role === 'assistant') finishPrefill(turns, last, call);
  if (turns[0]?.role !== 'user') {
    turns.unshift({ role: 'user', content: [{ type: 'text', text: OPENING }] });
    call.warn('repaired', 'messages');
  }
}

function removeTurn(turns: Turn[], index: number): void {
  turns.splice(index, 1);
  const [before, after] = [turns[index - 1], turns[index]];
  if (before && after && before.role === after.role) {
    before.content.push(...after.content);
    turns.splice(index, 1);
  }
}

/** A turn that the model is to go on with: not for all models, and never ending in white space. */
function finishPrefill(turns: Turn[], last: Turn, call: CallContext): void {
  if (!call.features.prefill) {
    turns.pop();
    call.warn('dropped', 'messages');
    return;
  }
  const block = last.content.at(-1);
  if (block?.['type'] === 'text') block['text'] = (block['text'] as string).trimEnd();
}

function isThinking(block: JsonObject | undefined): boolean {
  return block?.['type'] === 'thinking' || block?.['type'] === 'redacted_thinking';
}

/** A single text without marks stands as a string. */
function plain(content: JsonObject[]): JsonObject[] | string {
  const [first] = content;
  return content.length === 1 && first?.['type'] === 'text' && Object.keys(first).length === 2
    ? (first['text'] as string)
    : content;
}
