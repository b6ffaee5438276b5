import type { Json } from '../../neutral/json.ts';

/**
 * The input of a request that goes on from a stored response: what was its input, what it answered, and what is new
 * (https://platform.openai.com/docs/guides/conversation-state). `instructions` of the stored request do not carry over.
 * @param previous the stored request's expanded `input`, then the stored response's `output`
 */
export function expandStored(previous: readonly Json[], input: Json | undefined): Json[] {
  return [...previous, ...inputItems(input)];
}

/** `input` as a list: a text is a message of the user. */
export function inputItems(input: Json | undefined): Json[] {
  if (Array.isArray(input)) return input;
  return typeof input === 'string' && input !== '' ? [{ type: 'message', role: 'user', content: input }] : [];
}
