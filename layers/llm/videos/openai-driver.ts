import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { writeMultipart, type FormField } from '@sluice/kit/http/multipart';
import { looseNumber, looseObject, looseString } from '../formats/reading.ts';
import type { JsonObject } from '../neutral/json.ts';
import type { Warn } from '../neutral/warning.ts';
import { valueOf } from './decode-request.ts';
import type { VideoDriver } from './driver.ts';
import type { VideoRequest, VideoState } from './video.ts';

/** https://platform.openai.com/docs/api-reference/videos */
export const OPENAI_VIDEOS: VideoDriver = {
  dialect: 'openai',
  usualSeconds: 4,
  hasStills: true,
  secondsOf,
  encodeCreate(request, { model, warn, boundary }) {
    const seconds = String(secondsOf(request, warn));
    const fields: Record<string, string> = { model, prompt: request.prompt, seconds };
    const size = sizeOf(request, warn);
    if (size !== null) fields['size'] = size;
    const source = request.image?.source;
    if (source?.kind !== 'bytes') {
      const reference = source?.kind === 'url' ? { input_reference: { image_url: source.url } } : {};
      return { contentType: 'application/json', body: Buffer.from(JSON.stringify({ ...fields, ...reference })) };
    }
    const { mediaType: contentType, bytes } = source;
    const file = { filename: request.image?.name || `reference.${contentType.split('/')[1]}`, contentType, bytes };
    const form: FormField[] = Object.entries(fields).map(([name, value]) => ({ name, value }));
    return writeMultipart([...form, { name: 'input_reference', value: file }], boundary);
  },
  decodeCreated(body) {
    const id = looseString(body['id']);
    if (id !== null && id !== '') return id;
    throw new GatewayError('upstream_error', { message: 'The upstream took the film on without telling its id.' });
  },
  decodeState,
};

const SECONDS = [4, 8, 12] as const;

/** The shortest that is long enough; the longest where none is. */
function secondsOf({ seconds }: VideoRequest, warn: Warn): number {
  if (seconds === null) return SECONDS[0];
  const fitting = SECONDS.find((one) => one >= seconds) ?? SECONDS[2];
  if (fitting !== seconds) warn('clamped', 'seconds');
  return fitting;
}

const SIZES = ['1280x720', '720x1280', '1792x1024', '1024x1792'];

/** Two shapes in two sizes; null leaves it to the vendor. */
function sizeOf({ pixels, ratio, resolution }: VideoRequest, warn: Warn): string | null {
  if (pixels !== null && SIZES.includes(pixels)) return pixels;
  if (ratio === null && resolution === null) return null;
  const isUpright = ratio !== null && valueOf(ratio) < 1;
  const isLarge = resolution === '1080p';
  const [wide = '', tall = ''] = isLarge ? SIZES.slice(2) : SIZES;
  const isExact = ratio === '16:9' || ratio === '9:16' || ratio === null;
  if (!isExact || pixels !== null) warn('approximated', pixels === null ? 'aspect_ratio' : 'size');
  if (resolution === '480p') warn('approximated', pixels === null ? 'resolution' : 'size');
  return isUpright ? tall : wide;
}

function decodeState(body: JsonObject): VideoState {
  const status = looseString(body['status']);
  if (status === 'completed') {
    const seconds = Number(looseString(body['seconds']) ?? looseNumber(body['seconds']));
    return { kind: 'done', url: null, seconds: Number.isFinite(seconds) && seconds > 0 ? seconds : null };
  }
  if (status === 'failed' || status === 'cancelled' || status === 'expired') {
    const { code, message } = looseObject(body['error']);
    return {
      kind: 'failed',
      message: looseString(message) ?? 'The film could not be made.',
      isPolicy: /moderation|policy|safety/i.test(looseString(code) ?? ''),
    };
  }
  return { kind: 'pending', progress: looseNumber(body['progress']) };
}
