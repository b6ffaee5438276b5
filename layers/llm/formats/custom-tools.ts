import { isJsonObject, type JsonObject } from '../neutral/json.ts';
import type { CustomTool } from '../neutral/request.ts';

/** OpenAI's custom tools take free text; where a format has only functions, the text is their one argument. */
export const CUSTOM_INPUT: JsonObject = {
  type: 'object',
  properties: { input: { type: 'string' } },
  required: ['input'],
  additionalProperties: false,
};

/** The grammar, which only its own vendor can enforce, in words. */
export function describeCustomTool({ description, grammar }: Pick<CustomTool, 'description' | 'grammar'>): string {
  const definition = grammar?.['definition'] ?? grammar?.['grammar'];
  if (definition === undefined) return description ?? '';
  const text = typeof definition === 'string' ? definition : JSON.stringify(definition);
  return `${description ?? ''}\n\nThe input must follow this grammar:\n${text}`.trimStart();
}

export function wrapCustomInput(text: string): string {
  return JSON.stringify({ input: text });
}

/** The text of a call's arguments; what is not of the shape asked for is given as it is. */
export function unwrapCustomInput(json: string): string {
  try {
    const parsed: unknown = JSON.parse(json);
    if (isJsonObject(parsed) && typeof parsed['input'] === 'string') return parsed['input'];
  } catch {
    // A model that did not keep to the schema: its words are all there is.
  }
  return json;
}
