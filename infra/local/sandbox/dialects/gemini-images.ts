import type { ServerResponse } from 'node:http';
import { misbehave, sendJson } from '../answer.ts';
import type { ChatRequest } from '../chat-request.ts';
import { readDirectives } from '../directives.ts';
import { makeArtefact, MOST_TEXT } from '../media/artefacts.ts';
import { workFor } from '../media/patience.ts';
import { faultOf, OpenAiError } from '../openai-error.ts';
import { isObject } from '../schema-value.ts';
import { hexOf } from '../text.ts';
import { readGeminiRequest } from './gemini-request.ts';
import { GEMINI } from './gemini.ts';
import { sidesOf } from './xai-images.ts';

/** https://ai.google.dev/gemini-api/docs/image-generation: what a picture counts for, in and out. */
const TOKENS_PER_IMAGE = 1290;
const TOKENS_PER_INPUT_IMAGE = 258;
const SIDE = 1024;

type Json = Readonly<Record<string, unknown>>;

/** Of the sandbox's models these draw. */
export function drawsPictures(model: string): boolean {
  return /image/.test(model.split('--', 1)[0] ?? '');
}

/** `generateContent` and its stream of a model that answers with a picture, and with a sentence unless told not to. */
export async function answerGeminiPictures(
  body: unknown,
  { model, stream, response }: { model: string; stream: boolean; response: ServerResponse },
): Promise<void> {
  const request = readGeminiRequest(body, { model, stream });
  const directives = readDirectives(model);
  if (!directives) throw faultOf(404, model);
  if (await misbehave(response, GEMINI, directives, model)) return;
  const config = isObject(body) && isObject(body['generationConfig']) ? body['generationConfig'] : {};
  const { ratio, withText } = readImageConfig(config);
  const given = countImages(body);
  const prompt = lastWords(request);
  const seed = hexOf(`${model}/${prompt}/${ratio}`, 32);
  if (!(await workFor(response, directives.workSeconds ?? 0))) return;
  const shared = { modelVersion: model, responseId: seed.slice(0, 22) };
  const usage = usageOf(request, given, directives.moderated ? 0 : TOKENS_PER_IMAGE);
  const finish = (parts: readonly Json[], finishReason?: string): Json => ({
    candidates: [
      {
        ...(parts.length > 0 && { content: { parts, role: 'model' } }),
        ...(finishReason && { finishReason }),
        index: 0,
      },
    ],
    ...(directives.withoutUsage ? {} : { usageMetadata: usage }),
    ...shared,
  });
  if (directives.moderated) return send(response, stream, [finish([], 'IMAGE_SAFETY')]);
  const text = withText ? [{ text: 'Here is your picture: ' }] : [];
  const { bytes, contentType } = makeArtefact({
    kind: 'picture',
    text: `${given > 0 ? `edit of ${given}: ` : ''}${prompt}`.slice(0, MOST_TEXT),
    ...sidesOf(ratio, SIDE),
    seed,
    atLeastBytes: directives.bytes,
  });
  const picture = { inlineData: { mimeType: contentType, data: bytes.toString('base64') } };
  if (!stream) return send(response, false, [finish([...text, picture], 'STOP')]);
  return send(response, true, [
    ...text.map((part) => finish([part])),
    finish([picture]),
    finish([{ text: '' }], 'STOP'),
  ]);
}

function send(response: ServerResponse, stream: boolean, chunks: readonly Json[]): void {
  if (!stream) return sendJson(response, 200, JSON.stringify(chunks[0]));
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  response.end(chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\r\n\r\n`).join(''));
}

const RATIOS = ['1:1', '2:3', '3:2', '3:4', '4:3', '4:5', '5:4', '9:16', '16:9', '21:9'];

function readImageConfig(config: Json): { ratio: string; withText: boolean } {
  const { responseModalities, imageConfig } = config;
  const modalities = Array.isArray(responseModalities)
    ? responseModalities.map((one) => String(one).toUpperCase())
    : null;
  if (modalities && !modalities.includes('IMAGE')) {
    throw new OpenAiError({
      status: 400,
      message: 'The model does not support the requested response modalities: text',
    });
  }
  if (config['candidateCount'] !== undefined && config['candidateCount'] !== 1) {
    throw new OpenAiError({ status: 400, message: 'Multiple candidates is not enabled for this model' });
  }
  const ratio = isObject(imageConfig) ? (imageConfig['aspectRatio'] ?? '1:1') : '1:1';
  if (!RATIOS.includes(String(ratio))) {
    const message = `aspect_ratio must be one of ${RATIOS.map((one) => `'${one}'`).join(', ')}`;
    throw new OpenAiError({ status: 400, message });
  }
  return { ratio: String(ratio), withText: modalities === null || modalities.includes('TEXT') };
}

function countImages(body: unknown): number {
  const contents = isObject(body) && Array.isArray(body['contents']) ? (body['contents'] as unknown[]) : [];
  const parts = contents.flatMap((content) =>
    isObject(content) && Array.isArray(content['parts']) ? (content['parts'] as unknown[]) : [],
  );
  return parts.filter((part) => isObject(part) && (isObject(part['inlineData']) || isObject(part['fileData']))).length;
}

function lastWords({ messages }: ChatRequest): string {
  const content = messages.findLast(({ role }) => role === 'user')?.['content'];
  return typeof content === 'string' ? content.trim() : '';
}

function usageOf({ messages }: ChatRequest, images: number, output: number): Json {
  const text = messages.reduce((sum, message) => sum + Math.ceil(String(message['content']).length / 4), 0);
  const prompt = text + images * TOKENS_PER_INPUT_IMAGE;
  const ofImages = images === 0 ? [] : [{ modality: 'IMAGE', tokenCount: images * TOKENS_PER_INPUT_IMAGE }];
  return {
    promptTokenCount: prompt,
    candidatesTokenCount: output,
    totalTokenCount: prompt + output,
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: text }, ...ofImages],
    candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: output }],
  };
}
