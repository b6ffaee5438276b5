import { isJsonObject, type Json, type JsonObject } from '../../../neutral/json.ts';
import type { ToolResultPart } from '../../../neutral/parts.ts';
import type { CallContext } from '../../codec.ts';
import { sendToolName } from '../../tool-names.ts';
import type { MediaPart } from './media.ts';

/** A result and, right behind it, the media that it brought. */
export function encodeFunctionResponse(
  result: ToolResultPart,
  { call, media }: { call: CallContext; media: (part: MediaPart) => JsonObject[] },
): JsonObject[] {
  const texts: string[] = [];
  const others: JsonObject[] = [];
  for (const part of result.content) {
    if (part.type === 'text') texts.push(part.text);
    else if (part.type === 'document' && part.source.kind === 'text') texts.push(part.source.text);
    else others.push(...media(part));
  }
  const functionResponse: JsonObject = {
    id: result.callId,
    name: sendToolName(result.name ?? 'unknown_function', call),
    response: responseOf(result, texts.join('\n')),
  };
  return [{ functionResponse }, ...others];
}

/** `output` and `error` are the members that the API knows: https://ai.google.dev/api/caching#FunctionResponse */
function responseOf({ structured, isError }: ToolResultPart, text: string): JsonObject {
  if (isJsonObject(structured)) return holdsReference(structured) ? { output: JSON.stringify(structured) } : structured;
  return isError ? { error: text } : { output: text };
}

/** The API takes a key `$ref` in a result for a reference to one of its parts, and refuses what it does not find. */
function holdsReference(value: Json): boolean {
  if (Array.isArray(value)) return value.some(holdsReference);
  if (!isJsonObject(value)) return false;
  return Object.entries(value).some(([key, member]) => key === '$ref' || holdsReference(member));
}
