import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeVideoForm, decodeVideoRequest } from '@sluice/llm/videos/decode-request';
import { VIDEO_DRIVERS } from '@sluice/llm/videos/drivers';
import { VIDEO_RATIOS, VIDEO_RESOLUTIONS, type VideoRequest } from '@sluice/llm/videos/video';
import { parseMultipart, writeMultipart } from '@sluice/kit/http/multipart';

const WISH = { model: 'film', prompt: 'a cat' };
const read = (more: object): VideoRequest => decodeVideoRequest({ ...WISH, ...more } as never);

function warnings() {
  const told: string[] = [];
  return { told, warn: (code: string, field: string) => void told.push(`${code}:${field}`) };
}

const aRequest: fc.Arbitrary<VideoRequest> = fc.record({
  model: fc.constant('film'),
  prompt: fc.string({ minLength: 1 }),
  seconds: fc.option(fc.integer({ min: 1, max: 60 })),
  ratio: fc.option(fc.constantFrom(...VIDEO_RATIOS)),
  resolution: fc.option(fc.constantFrom(...VIDEO_RESOLUTIONS)),
  pixels: fc.constant(null),
  image: fc.constant(null),
  endUser: fc.constant(null),
});

describe('what clients write', () => {
  test('is the same wish in xAI’s words, in OpenAI’s, and in a chat client’s', () => {
    const wanted = { seconds: 6, ratio: '16:9', resolution: '720p' };
    expect(read({ duration: 6, aspect_ratio: '16:9', resolution: '720p' })).toMatchObject(wanted);
    expect(read({ seconds: '6', size: '1280x720' })).toMatchObject({ ...wanted, pixels: '1280x720' });
    const config = { video_length: 6, aspect_ratio: '16:9', resolution: 'HD', preset: 'normal' };
    expect(read({ video_config: config })).toMatchObject(wanted);
  });

  test.each([
    ['1920x1080', '16:9', '1080p'],
    ['720x1280', '9:16', '720p'],
    ['1024x1024', '1:1', '1080p'],
    ['640x480', '4:3', '480p'],
    ['900x600', '3:2', '720p'],
  ])('of size %s is nearest to %s and %s', (size, ratio, resolution) => {
    expect(read({ size })).toMatchObject({ ratio, resolution });
  });

  test.each([
    [{ image: { url: 'https://example.com/a.png' } }, 'image.url'],
    [{ image: 'https://example.com/a.png' }, 'image'],
    [{ image_url: 'https://example.com/a.png' }, 'image_url'],
    [{ input_reference: { image_url: 'https://example.com/a.png' } }, 'input_reference.image_url'],
  ])('may begin with the picture of %j', (more, path) => {
    expect(read(more).image).toEqual({ path, name: '', source: { kind: 'url', url: 'https://example.com/a.png' } });
  });

  test('in a form says the same, its picture as a file', () => {
    const bytes = Buffer.from('picture');
    const { contentType, body } = writeMultipart(
      [
        ...Object.entries({ ...WISH, seconds: '8', size: '720x1280' }).map(([name, value]) => ({ name, value })),
        { name: 'input_reference', value: { filename: 'first.png', contentType: 'image/png', bytes } },
      ],
      'b0undary',
    );
    expect(decodeVideoForm(parseMultipart(body, contentType))).toMatchObject({
      seconds: 8,
      pixels: '720x1280',
      image: { path: 'input_reference', name: 'first.png', source: { kind: 'bytes', mediaType: 'image/png', bytes } },
    });
  });
});

describe.each(Object.values(VIDEO_DRIVERS))('the driver of $dialect', (driver) => {
  const encode = (request: VideoRequest) => {
    const { told, warn } = warnings();
    const { contentType, body } = driver.encodeCreate(request, { model: 'up', warn, boundary: 'b0undary' });
    return { told, contentType, body: JSON.parse(body.toString()) as Record<string, unknown> };
  };

  test('never asks for fewer seconds than it says, nor for more than the vendor makes', () => {
    fc.assert(
      fc.property(aRequest, (request) => {
        const { body } = encode(request);
        const asked = Number(body['seconds'] ?? body['duration']);
        expect(asked).toBe(driver.secondsOf(request, () => undefined));
        if (driver.dialect === 'openai') expect([4, 8, 12]).toContain(asked);
        else expect(asked).toBeGreaterThan(0);
        expect(asked).toBeLessThanOrEqual(driver.dialect === 'openai' ? 12 : 15);
      }),
    );
  });

  test('warns exactly when something is made otherwise than asked for', () => {
    fc.assert(
      fc.property(aRequest, (request) => {
        const { told, body } = encode(request);
        const seconds = Number(body['seconds'] ?? body['duration']);
        const isLonger = request.seconds !== null && request.seconds !== seconds;
        expect(told.some((warning) => warning.endsWith(':seconds'))).toBe(isLonger);
        if (driver.dialect === 'xai') {
          expect(told.includes('clamped:resolution')).toBe(request.resolution === '1080p');
        }
      }),
    );
  });

  test('takes anything that it does not know for a sign of life', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (body) => {
        const state = driver.decodeState({ ...body, status: 'something new' } as never);
        expect(['pending', 'failed']).toContain(state.kind);
      }),
    );
  });
});

describe('answers as the vendors document them', () => {
  test.each([
    [{ status: 'pending' }, { kind: 'pending', progress: null }],
    [
      { status: 'pending', progress: 40 },
      { kind: 'pending', progress: 40 },
    ],
    [
      {
        status: 'done',
        video: { url: 'https://vidgen.x.ai/a.mp4', duration: 6, respect_moderation: true },
        model: 'm',
      },
      { kind: 'done', url: 'https://vidgen.x.ai/a.mp4', seconds: 6 },
    ],
    [
      { status: 'done', video: { url: '', duration: 6, respect_moderation: false } },
      { kind: 'failed', message: expect.any(String), isPolicy: true },
    ],
    [
      {
        status: 'failed',
        video: { duration: 0, respect_moderation: true },
        error: { code: 'internal_error', message: 'No.' },
      },
      { kind: 'failed', message: 'No.', isPolicy: false },
    ],
    [{ status: 'expired' }, { kind: 'failed', message: expect.any(String), isPolicy: false }],
  ])('xAI: %j', (body, state) => {
    expect(VIDEO_DRIVERS.xai.decodeState(body as never)).toEqual(state);
  });

  test.each([
    [
      { status: 'queued', progress: 0 },
      { kind: 'pending', progress: 0 },
    ],
    [
      { status: 'in_progress', progress: 33 },
      { kind: 'pending', progress: 33 },
    ],
    [
      { status: 'completed', progress: 100, seconds: '8' },
      { kind: 'done', url: null, seconds: 8 },
    ],
    [
      { status: 'failed', error: { code: 'moderation_blocked', message: 'Blocked.' } },
      { kind: 'failed', message: 'Blocked.', isPolicy: true },
    ],
  ])('OpenAI: %j', (body, state) => {
    expect(VIDEO_DRIVERS.openai.decodeState(body as never)).toEqual(state);
  });

  test('an answer without an id is none', () => {
    expect(() => VIDEO_DRIVERS.xai.decodeCreated({})).toThrow(/without telling its id/);
    expect(() => VIDEO_DRIVERS.openai.decodeCreated({ id: '' })).toThrow(/without telling its id/);
  });
});
