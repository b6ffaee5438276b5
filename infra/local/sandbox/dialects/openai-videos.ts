import { misbehave, sendJson } from '../answer.ts';
import { readDirectives } from '../directives.ts';
import { makeArtefact } from '../media/artefacts.ts';
import { fileAt, oneOf, readFields, rejectUnknown, requiredText, requireImage, type Fields } from '../media/fields.ts';
import type { Film, Films } from '../media/films.ts';
import { errorBody, faultOf, OpenAiError } from '../openai-error.ts';
import { isObject } from '../schema-value.ts';
import type { PicturesCall } from './openai-images.ts';

/*
 * `POST /v1/videos`, `GET` and `DELETE /v1/videos/{id}`, `GET /v1/videos/{id}/content`:
 * https://platform.openai.com/docs/api-reference/videos
 */

const KNOWN = new Set(['model', 'prompt', 'seconds', 'size', 'input_reference']);
const KEPT_SECONDS = 3_600;

export async function createOpenAiVideo(films: Films, call: PicturesCall): Promise<void> {
  const fields = await readFields(call.body, call.contentType);
  rejectUnknown(fields, KNOWN);
  const model = requiredText(fields, 'model');
  const prompt = requiredText(fields, 'prompt');
  const seconds = Number(oneOf(fields, 'seconds', ['4', '8', '12', '16', '20']));
  const size = oneOf(fields, 'size', ['720x1280', '1280x720', '1024x1792', '1792x1024', '1080x1920', '1920x1080']);
  checkReference(fields);
  const directives = readDirectives(model);
  if (!directives) throw faultOf(404, model);
  if (await misbehave(call.response, { errorBody }, directives, model)) return;
  const [width = 0, height = 0] = size.split('x').map(Number);
  const film = films.begin({ model, prompt, width, height, seconds }, 'video_');
  sendJson(call.response, 200, JSON.stringify(render(film)));
}

function checkReference({ files, values }: Fields): void {
  for (const file of files.get('input_reference') ?? []) requireImage(file, 'input_reference');
  const reference = values['input_reference'];
  if (isObject(reference)) requireImage(fileAt(reference['image_url'], 'input_reference.image_url'), 'input_reference');
}

/** What comes after `/v1/videos/`. */
export function answerOpenAiVideo(
  films: Films,
  {
    method,
    rest,
    query,
    response,
  }: Pick<PicturesCall, 'response'> & { method: string; rest: string; query: URLSearchParams },
): void {
  const [id = '', part] = rest.split('/', 2);
  if (method === 'DELETE' && part === undefined) {
    if (!films.remove(id)) throw faultOf(404, id);
    return sendJson(response, 200, JSON.stringify({ id, object: 'video.deleted', deleted: true }));
  }
  if (method !== 'GET') throw new OpenAiError({ status: 405, message: `Not allowed to ${method} on this path.` });
  const film = films.look(id);
  if (part === undefined) return sendJson(response, 200, JSON.stringify(render(film)));
  if (part !== 'content') throw new OpenAiError({ status: 404, message: `Invalid URL (GET /v1/videos/${rest})` });
  if (film.state !== 'done') {
    throw new OpenAiError({ status: 404, message: 'Video is not ready yet, use GET /v1/videos/{video_id} to check.' });
  }
  const variant = query.get('variant') ?? 'video';
  const { bytes, contentType } = makeArtefact(variant === 'video' ? film.order : { ...film.order, kind: 'still' });
  response.writeHead(200, { 'content-type': contentType, 'content-length': String(bytes.length) });
  response.end(bytes);
}

const STATES = { queued: 'queued', running: 'in_progress', done: 'completed', failed: 'failed' } as const;

function render(film: Film): object {
  const { id, model, prompt, order, createdAt, state, share, directives } = film;
  const isOver = state === 'done' || state === 'failed';
  const now = Math.floor(Date.now() / 1000);
  return {
    id,
    object: 'video',
    created_at: createdAt,
    completed_at: state === 'done' ? now : null,
    expires_at: state === 'done' ? now + KEPT_SECONDS : null,
    model,
    prompt,
    progress: isOver ? 100 : Math.floor(share * 100),
    seconds: String(order.seconds),
    size: `${order.width}x${order.height}`,
    status: STATES[state],
    remixed_from_video_id: null,
    error: state === 'failed' ? failureOf(directives.moderated) : null,
  };
}

function failureOf(isModerated: boolean): object {
  return isModerated
    ? { code: 'moderation_blocked', message: 'Your request was blocked by our moderation system.' }
    : { code: 'video_generation_failed', message: 'The video could not be generated. Please try again.' };
}
