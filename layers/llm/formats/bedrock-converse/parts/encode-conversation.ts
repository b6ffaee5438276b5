import type { JsonObject } from '../../../neutral/json.ts';
import type { TextPart } from '../../../neutral/parts.ts';
import { repairPairs } from '../../../neutral/repair-pairs.ts';
import type { NeutralMessage, SystemMessage } from '../../../neutral/request.ts';
import type { CallContext } from '../../codec.ts';
import { encodeAssistantPart, encodeText, encodeUserPart, isDocument, type Naming } from './encode-blocks.ts';

interface Turn {
  role: 'user' | 'assistant';
  content: JsonObject[];
}

/** What is said where the format demands a user's message and the client has none. */
const OPENING = 'Begin.';

/** Leading instructions are the system prompt, later ones keep their place; neighbours of one role become one message. */
export function encodeConversation(
  given: readonly NeutralMessage[],
  call: CallContext,
): { system: JsonObject[]; messages: JsonObject[] } {
  const messages = repairPairs(given, call.warn);
  const leading = messages.findIndex(({ role }) => role !== 'system');
  const head = messages.slice(0, leading < 0 ? messages.length : leading) as SystemMessage[];
  const naming: Naming = { names: new Set() };
  const turns: Turn[] = [];
  for (const message of messages.slice(head.length)) {
    const turn = encodeMessage(message, { call, naming });
    if (turn.content.length === 0) continue;
    const last = turns.at(-1);
    if (last?.role === turn.role) last.content.push(...turn.content);
    else turns.push(turn);
  }
  finishTurns(turns, call);
  return {
    system: head.flatMap(({ content }) => content.flatMap(encodeText)),
    messages: turns.map(({ role, content }) => ({ role, content })),
  };
}

function encodeMessage(message: NeutralMessage, { call, naming }: { call: CallContext; naming: Naming }): Turn {
  if (message.role === 'system') {
    call.warn('approximated', 'messages[].role');
    return { role: 'user', content: message.content.flatMap((part) => encodeText(asReminder(part))) };
  }
  if (message.name !== undefined) call.warn('dropped', 'messages[].name');
  if (message.role === 'user') {
    const content = message.content.flatMap((part) => encodeUserPart(part, { call, naming }));
    return { role: 'user', content: withText(content) };
  }
  return { role: 'assistant', content: message.content.flatMap((part) => encodeAssistantPart(part, call)) };
}

/** A document needs a text beside it: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_DocumentBlock.html */
function withText(content: JsonObject[]): JsonObject[] {
  const isBare = content.some(isDocument) && !content.some((block) => 'text' in block);
  return isBare ? [...content, { text: 'See the document.' }] : content;
}

function asReminder(part: TextPart): TextPart {
  if (part.text.trim() === '') return part;
  return { ...part, text: `<system-reminder>\n${part.text}\n</system-reminder>` };
}

function finishTurns(turns: Turn[], call: CallContext): void {
  const last = turns.at(-1);
  if (last?.role === 'assistant') {
    if (!call.features.prefill) {
      turns.pop();
      call.warn('dropped', 'messages');
    } else {
      const text = last.content.findLast((block) => 'text' in block);
      if (text !== undefined && last.content.at(-1) === text) text['text'] = (text['text'] as string).trimEnd();
    }
  }
  if (turns[0]?.role === 'user') return;
  turns.unshift({ role: 'user', content: [{ text: OPENING }] });
  call.warn('repaired', 'messages');
}
