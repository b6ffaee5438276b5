import { isJsonObject, type Json, type JsonObject } from '../../../neutral/json.ts';
import type { ToolResultPart } from '../../../neutral/parts.ts';
import { asObject, asString, pathOf } from '../../reading.ts';
import { asList, field, optionalField } from './fields.ts';
import { decodeFileData, decodeInlineData } from './media.ts';
import type { CallLedger } from './tool-ids.ts';

/**
 * A function's result. The object's `output` or `error` is the result's text where nothing else stands in it; else the
 * whole object is (https://ai.google.dev/api/caching#FunctionResponse).
 */
export function decodeFunctionResponse(result: JsonObject, parent: string, calls: CallLedger): ToolResultPart {
  const path = pathOf(parent, 'functionResponse');
  const id = optionalField(result, 'id', asString, path) || null;
  const name = optionalField(result, 'name', asString, path) || null;
  const { callId, name: known } = calls.answer({ id, name }, path);
  const response = field(result, 'response') ?? null;
  const { text, isError } = textOf(response);
  return {
    type: 'tool-result',
    callId,
    name: known,
    content: [...(text === '' ? [] : [{ type: 'text' as const, text }]), ...decodeMedia(result, path)],
    isError,
    ...(response !== null && { structured: response }),
  };
}

function textOf(response: Json): { text: string; isError: boolean } {
  if (!isJsonObject(response)) return { text: plainText(response), isError: false };
  const keys = Object.keys(response);
  if (keys.length === 1 && keys[0] === 'output') return { text: plainText(response['output'] ?? null), isError: false };
  if (keys.length === 1 && keys[0] === 'error') return { text: plainText(response['error'] ?? null), isError: true };
  return { text: keys.length === 0 ? '' : JSON.stringify(response), isError: false };
}

function plainText(value: Json): string {
  if (value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Gemini 3 takes media inside a result: https://ai.google.dev/gemini-api/docs/function-calling#multimodal */
function decodeMedia(result: JsonObject, path: string): ToolResultPart['content'] {
  const parts = optionalField(result, 'parts', asList, path) ?? [];
  return parts.flatMap((part, index) => {
    const at = pathOf(pathOf(path, 'parts'), index);
    const blob = field(part, 'inlineData');
    const file = field(part, 'fileData');
    if (blob == null && file == null) return [];
    const media =
      blob == null
        ? decodeFileData(asObject(file, `${at}.fileData`), `${at}.fileData`)
        : decodeInlineData(asObject(blob, `${at}.inlineData`), `${at}.inlineData`);
    return media.type === 'video' ? [{ type: 'document' as const, source: media.source, name: null }] : [media];
  });
}
