import * as fc from 'fast-check';
import { parseMultipart, writeMultipart, type FormField } from '@sluice/kit/http/multipart';
import { decodeImageRequest } from '@sluice/llm/formats/openai-images/decode-request';
import { blobName, type ImageCall, type ImageDialect } from '@sluice/llm/images/driver';
import { imageDriverOf } from '@sluice/llm/images/drivers';
import type { ImageRequest } from '@sluice/llm/images/image';

const BOUNDARY = '0123456789abcdef';
const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');

function aCall(warnings: string[] = []): ImageCall {
  const warn: ImageCall['warn'] = (code, field) => void warnings.push(`${code}:${field}`);
  return { model: 'up', n: 1, saysResponseFormat: false, boundary: BOUNDARY, warn };
}

function decodeJson(body: object, operation: ImageRequest['operation'] = 'generate'): ImageRequest {
  const bytes = Buffer.from(JSON.stringify(body));
  return decodeImageRequest({ operation, body: bytes, contentType: 'application/json', defaultModel: null });
}

function jsonOf(dialect: ImageDialect, request: ImageRequest, call = aCall()) {
  const { body } = imageDriverOf(dialect).encodeRequest(request, call);
  return JSON.parse(body.toString()) as Record<string, unknown>;
}

const word = fc.stringMatching(/^[a-z]{1,8}$/);
const wishes = fc.record(
  {
    prompt: fc.string({ minLength: 1, unit: 'binary' }).filter((text) => text.trim() !== ''),
    n: fc.integer({ min: 1, max: 10 }),
    size: fc.constantFrom('1024x1024', '1536x1024', '512x512'),
    quality: word,
    background: word,
    style: word,
    moderation: word,
    output_format: fc.constantFrom('png', 'jpeg', 'webp'),
    output_compression: fc.integer({ min: 0, max: 100 }),
    user: word,
    seed: fc.integer({ min: 0 }),
  },
  { requiredKeys: ['prompt'] },
);

describe('requests for pictures', () => {
  it('go to an upstream of the same language as they were written, under its own name of the model', () => {
    fc.assert(
      fc.property(wishes, (wish) => {
        const request = decodeJson({ model: 'painter', ...wish });
        const sent = jsonOf('openai', request, { ...aCall(), n: request.n });
        expect(sent).toEqual({ n: 1, ...wish, model: 'up' });
      }),
    );
  });

  it('mean the same as JSON and as a form', () => {
    fc.assert(
      fc.property(wishes, ({ seed: _seed, ...wish }) => {
        const fields: FormField[] = Object.entries({ model: 'painter', ...wish }).map(([name, value]) => ({
          name,
          value: String(value),
        }));
        const picture = { filename: 'a.png', contentType: 'image/png', bytes: PNG };
        const { contentType, body } = writeMultipart([...fields, { name: 'image', value: picture }], BOUNDARY);
        const form = decodeImageRequest({ operation: 'edit', body, contentType, defaultModel: null });
        const image = `data:image/png;base64,${PNG.toString('base64')}`;
        const json = decodeJson({ model: 'painter', ...wish, image }, 'edit');
        const comparable = ({ images, ...rest }: ImageRequest) => ({
          ...rest,
          sources: images.map(({ source }) => source),
        });
        expect(comparable(form)).toEqual(comparable(json));
      }),
    );
  });

  it('that edit are a form again, which reads as what was asked', () => {
    const image = `data:image/png;base64,${PNG.toString('base64')}`;
    const asked = decodeJson(
      { model: 'painter', prompt: 'a hat', images: [image, image], mask: image, size: '1:1' },
      'edit',
    );
    const { contentType, body, operation } = imageDriverOf('openai').encodeRequest(asked, aCall());
    expect(operation).toBe('images-edit');
    const parts = parseMultipart(body, contentType);
    expect(parts.map(({ name }) => name)).toEqual(['model', 'prompt', 'n', 'size', 'image[]', 'image[]', 'mask']);
    const again = decodeImageRequest({ operation: 'edit', body, contentType, defaultModel: null });
    expect(again.images.map(({ source }) => source)).toEqual(asked.images.map(({ source }) => source));
    expect(again).toMatchObject({ model: 'up', prompt: 'a hat', mask: { source: asked.mask?.source } });
  });

  it('name a file of the vendor’s in JSON, the other pictures beside it', () => {
    const image = `data:image/png;base64,${PNG.toString('base64')}`;
    const asked = decodeJson(
      { model: 'p', prompt: 'a', images: [{ file_id: 'file_1' }, { image_url: image }] },
      'edit',
    );
    expect(jsonOf('openai', asked)).toMatchObject({ images: [{ file_id: 'file_1' }, { image_url: image }] });
    for (const dialect of ['xai', 'gemini'] as const) expect(() => jsonOf(dialect, asked)).toThrow(/another vendor/);
  });

  it('that draw may carry pictures in some vendor’s own way', () => {
    const asked = decodeJson({ model: 'p', prompt: 'a', image: 'https://a.example/b.png' });
    expect(jsonOf('openai', asked)).toMatchObject({ image: 'https://a.example/b.png' });
  });

  it('tell by its name what a dialect cannot say', () => {
    const asked = decodeJson({ model: 'p', prompt: 'a', quality: 'high', output_format: 'webp', seed: 1 });
    for (const [dialect, told] of [
      ['xai', ['dropped:quality', 'dropped:output_format']],
      ['gemini', ['dropped:quality', 'dropped:output_format', 'dropped:seed']],
      ['openai', []],
    ] as const) {
      const warnings: string[] = [];
      imageDriverOf(dialect).encodeRequest(asked, aCall(warnings));
      expect([dialect, warnings]).toEqual([dialect, told]);
    }
  });
});

describe('answers of vendors, as their documentation has them', () => {
  it('of OpenAI: https://platform.openai.com/docs/api-reference/images/object', () => {
    const answer = imageDriverOf('openai').decodeAnswer({
      created: 1_713_833_628,
      data: [{ b64_json: blobName(0) }],
      background: 'transparent',
      output_format: 'png',
      size: '1024x1024',
      quality: 'high',
      usage: {
        total_tokens: 100,
        input_tokens: 50,
        output_tokens: 50,
        input_tokens_details: { text_tokens: 10, image_tokens: 40 },
      },
    });
    expect(answer).toMatchObject({
      created: 1_713_833_628,
      images: [{ source: { kind: 'blob', index: 0 }, revisedPrompt: null }],
      settings: { background: 'transparent', output_format: 'png', size: '1024x1024', quality: 'high' },
      usage: { input: 10, imageInput: 40, imageOutput: 50, output: 0 },
    });
  });

  it('of xAI: https://docs.x.ai/docs/guides/image-generations', () => {
    const url = 'https://imgen.x.ai/xai-imgen/a.jpeg';
    const answer = imageDriverOf('xai').decodeAnswer({ data: [{ url, revised_prompt: 'A cat in a tree' }] });
    expect(answer.images).toEqual([{ source: { kind: 'url', url }, revisedPrompt: 'A cat in a tree' }]);
    expect(answer.usage).toBeNull();
  });

  it('of Gemini: https://ai.google.dev/gemini-api/docs/image-generation, less what it drew while it thought', () => {
    const answer = imageDriverOf('gemini').decodeAnswer({
      candidates: [
        {
          content: {
            parts: [
              { thought: true, inlineData: { mimeType: 'image/png', data: blobName(0) } },
              { text: 'Here is your picture.' },
              { inlineData: { mimeType: 'image/png', data: blobName(1) } },
            ],
          },
          finishReason: 'STOP',
        },
      ],
      usageMetadata: { promptTokenCount: 8, candidatesTokenCount: 1290, totalTokenCount: 1298 },
    });
    expect(answer.images).toEqual([{ source: { kind: 'blob', index: 1 }, revisedPrompt: null }]);
    expect(answer.text).toBe('Here is your picture.');
  });

  it.each([
    ['promptFeedback', { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' } }, true],
    ['a finish reason', { candidates: [{ finishReason: 'IMAGE_SAFETY' }] }, true],
    ['words alone', { candidates: [{ content: { parts: [{ text: 'I cannot.' }] }, finishReason: 'STOP' }] }, false],
  ])('of Gemini that bring no picture say why: %s', (_what, body, isPolicy) => {
    const { images, refusal } = imageDriverOf('gemini').decodeAnswer(body as never);
    expect(images).toEqual([]);
    expect(refusal).toMatchObject({ isPolicy });
  });

  it('of OpenAI’s streams: https://platform.openai.com/docs/api-reference/images-streaming', () => {
    const { decodeEvent } = imageDriverOf('openai');
    const partial = {
      type: 'image_generation.partial_image',
      b64_json: blobName(3),
      partial_image_index: 1,
      size: '1x1',
    };
    expect(decodeEvent?.(partial)).toEqual({ type: 'partial', blob: 3, partialIndex: 1, settings: { size: '1x1' } });
    const completed = {
      type: 'image_edit.completed',
      b64_json: blobName(4),
      usage: { input_tokens: 1, output_tokens: 2 },
    };
    expect(decodeEvent?.(completed)).toMatchObject({
      type: 'completed',
      answer: { images: [{ source: { index: 4 } }] },
    });
    const error = { type: 'error', error: { code: 'moderation_blocked', message: 'No.' } };
    expect(decodeEvent?.(error)).toEqual({ type: 'failure', message: 'No.', isPolicy: true });
    expect(decodeEvent?.({ type: 'keepalive' })).toBeNull();
  });

  it.each(['openai', 'xai', 'gemini'] as const)('that are none are told apart: %s', (dialect) => {
    expect(() => imageDriverOf(dialect).decodeAnswer({ choices: [] })).toThrow(/no picture/);
  });
});
