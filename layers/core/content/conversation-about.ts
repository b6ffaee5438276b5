import { isJsonObject, type Json, type JsonObject } from '@sluice/llm/neutral/json';
import type { ChatMessage, ConversationAbout } from './store.ts';

const LONGEST_TITLE = 120;

/** @param input items of the Responses API, the latest last */
export function aboutResponse(input: readonly Json[], response: JsonObject): ConversationAbout {
  const questions = input.filter(isQuestion);
  const { model } = response;
  return {
    model: typeof model === 'string' ? model : null,
    title: titleOf(textOf(questions.at(-1)?.['content'])),
    turns: questions.length,
  };
}

export function aboutSession(messages: readonly ChatMessage[], model: string): ConversationAbout {
  const questions = messages.filter(({ role }) => role === 'user');
  return { model, title: titleOf(questions.at(-1)?.content ?? ''), turns: questions.length };
}

function isQuestion(item: Json): item is JsonObject {
  return isJsonObject(item) && item['role'] === 'user' && (item['type'] ?? 'message') === 'message';
}

function textOf(content: Json | undefined): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((part) => (isJsonObject(part) && typeof part['text'] === 'string' ? part['text'] : ''))
    .filter((text) => text !== '')
    .join(' ');
}

/** One line; whole characters, also where one takes two units. */
function titleOf(text: string): string {
  const line = text
    .slice(0, LONGEST_TITLE * 8)
    .replaceAll(/\s+/g, ' ')
    .trim();
  const characters = [...line];
  return characters.length <= LONGEST_TITLE ? line : `${characters.slice(0, LONGEST_TITLE - 1).join('')}…`;
}
