import { misbehave, sendJson } from '../answer.ts';
import { readDirectives } from '../directives.ts';
import { pathOf } from '../media/artefacts.ts';
import { fileAt, oneOf, requiredText, requireImage, wholeNumber } from '../media/fields.ts';
import type { Films } from '../media/films.ts';
import { faultOf } from '../openai-error.ts';
import { isObject } from '../schema-value.ts';
import type { PicturesCall } from './openai-images.ts';
import { xaiErrorBody } from './xai-error.ts';
import { readJsonFields, sidesOf } from './xai-images.ts';

/*
 * `POST /v1/videos/generations` and `GET /v1/videos/{request_id}`:
 * https://docs.x.ai/developers/model-capabilities/video/generation
 */

const RATIOS = ['16:9', '9:16', '1:1', '4:3', '3:4', '3:2', '2:3'] as const;
/** Ten thousand millionths of a dollar each: five cents a second. */
const TICKS_PER_SECOND = 500_000_000;

export async function createXaiVideo(films: Films, call: PicturesCall): Promise<void> {
  const fields = await readJsonFields(call);
  const model = requiredText(fields, 'model');
  const prompt = requiredText(fields, 'prompt');
  const seconds = wholeNumber(fields, 'duration', { least: 1, most: 15, usual: 8 });
  const side = oneOf(fields, 'resolution', ['480p', '720p']) === '720p' ? 1280 : 854;
  const shape = sidesOf(oneOf(fields, 'aspect_ratio', RATIOS), side);
  const image = fields.values['image'];
  if (image !== undefined) requireImage(fileAt(isObject(image) ? image['url'] : undefined, 'image.url'), 'image');
  const directives = readDirectives(model);
  if (!directives) throw faultOf(404, model);
  if (await misbehave(call.response, { errorBody: xaiErrorBody }, directives, model)) return;
  const film = films.begin({ model, prompt, ...shape, seconds }, '');
  sendJson(call.response, 200, JSON.stringify({ request_id: film.id }));
}

/** A finished film is told by an address that needs no credential; failures are told under 200. */
export function answerXaiVideo(
  films: Films,
  id: string,
  { response, origin }: Pick<PicturesCall, 'response' | 'origin'>,
): void {
  const film = films.look(id);
  const { order, model, state, directives } = film;
  if (state === 'queued' || state === 'running') {
    const pending = { status: 'pending', model, progress: Math.floor(film.share * 100) };
    return sendJson(response, 202, JSON.stringify(pending));
  }
  if (directives.moderated) {
    const video = { url: '', duration: order.seconds, respect_moderation: false };
    return sendJson(response, 200, JSON.stringify({ status: 'done', video, model, progress: 100 }));
  }
  if (state === 'failed') {
    const error = { code: 'internal_error', message: 'The video could not be generated.' };
    const video = { duration: 0, respect_moderation: true };
    return sendJson(response, 200, JSON.stringify({ status: 'failed', video, model: '', error }));
  }
  const video = { url: `${origin}${pathOf(order)}`, duration: order.seconds, respect_moderation: true };
  const usage = directives.withoutUsage ? {} : { usage: { cost_in_usd_ticks: TICKS_PER_SECOND * order.seconds } };
  sendJson(response, 200, JSON.stringify({ status: 'done', video, model, progress: 100, ...usage }));
}
