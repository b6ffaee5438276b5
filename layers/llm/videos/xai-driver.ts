import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { looseNumber, looseObject, looseString } from '../formats/reading.ts';
import type { JsonObject } from '../neutral/json.ts';
import type { Warn } from '../neutral/warning.ts';
import type { VideoDriver } from './driver.ts';
import type { VideoRequest, VideoState } from './video.ts';

/** https://docs.x.ai/developers/model-capabilities/video/generation */
export const XAI_VIDEOS: VideoDriver = {
  dialect: 'xai',
  usualSeconds: 8,
  hasStills: false,
  secondsOf,
  encodeCreate(request, { model, warn }) {
    const { prompt, ratio, image, endUser } = request;
    const resolution = resolutionOf(request, warn);
    const body: JsonObject = { model, prompt, duration: secondsOf(request, warn) };
    if (ratio !== null) body['aspect_ratio'] = ratio;
    if (resolution !== null) body['resolution'] = resolution;
    if (image !== null) body['image'] = { url: urlOf(image.source) };
    if (endUser !== null) body['user'] = endUser;
    return { contentType: 'application/json', body: Buffer.from(JSON.stringify(body)) };
  },
  decodeCreated(body) {
    const id = looseString(body['request_id']);
    if (id !== null && id !== '') return id;
    throw new GatewayError('upstream_error', { message: 'The upstream took the film on without telling its id.' });
  },
  decodeState,
};

const USUAL_SECONDS = 8;
const MOST_SECONDS = 15;

function secondsOf({ seconds }: VideoRequest, warn: Warn): number {
  if (seconds === null) return USUAL_SECONDS;
  if (seconds > MOST_SECONDS) warn('clamped', 'seconds');
  return Math.min(seconds, MOST_SECONDS);
}

function resolutionOf({ resolution }: VideoRequest, warn: Warn): string | null {
  if (resolution !== '1080p') return resolution;
  warn('clamped', 'resolution');
  return '720p';
}

function urlOf(source: NonNullable<VideoRequest['image']>['source']): string {
  if (source.kind === 'url') return source.url;
  if (source.kind === 'bytes') return `data:${source.mediaType};base64,${source.bytes.toString('base64')}`;
  throw new GatewayError('invalid_field', {
    message: 'A file of another vendor cannot begin this film.',
    param: 'image',
  });
}

/** Ended jobs, good or bad, come under status 200; what was found unfit is a film without an address. */
function decodeState(body: JsonObject): VideoState {
  const status = looseString(body['status']);
  const { url, duration, respect_moderation: isFit } = looseObject(body['video']);
  const address = looseString(url) ?? '';
  if (isFit === false) {
    return { kind: 'failed', message: 'The film was withheld by the upstream’s moderation.', isPolicy: true };
  }
  if (status === 'done' || (status === null && address !== '')) {
    if (address === '') return { kind: 'failed', message: 'The upstream finished without a film.', isPolicy: false };
    return { kind: 'done', url: address, seconds: looseNumber(duration) };
  }
  if (status === 'failed' || status === 'expired') {
    const { code, message } = looseObject(body['error']);
    const said = looseString(message) ?? (status === 'expired' ? 'The upstream’s generation expired.' : null);
    return {
      kind: 'failed',
      message: said ?? 'The film could not be made.',
      isPolicy: /moderation|policy|safety/i.test(looseString(code) ?? ''),
    };
  }
  return { kind: 'pending', progress: looseNumber(body['progress']) };
}
