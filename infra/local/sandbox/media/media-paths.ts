import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerOpenAiPictures, type PicturesCall } from '../dialects/openai-images.ts';
import { answerOpenAiVideo, createOpenAiVideo } from '../dialects/openai-videos.ts';
import { answerXaiPictures } from '../dialects/xai-images.ts';
import { answerXaiVideo, createXaiVideo } from '../dialects/xai-videos.ts';
import { OpenAiError } from '../openai-error.ts';
import { makeArtefact, orderOf } from './artefacts.ts';
import { createFilms } from './films.ts';

interface MediaCall {
  request: IncomingMessage;
  response: ServerResponse;
  body: Buffer;
  /** Without the query, and without the part that tells the vendor. */
  path: string;
  isXai: boolean;
}

/** Paths of pictures and films; null where a path is none of them. Rejects with `OpenAiError`. */
export type MediaPaths = (call: MediaCall) => Promise<void> | null;

export function createMediaPaths(): MediaPaths {
  const films = createFilms();
  return ({ request, response, body, path, isXai }) => {
    const origin = `http://${request.headers.host ?? '127.0.0.1'}`;
    const call: PicturesCall = { body, contentType: request.headers['content-type'] ?? '', response, origin };
    const method = request.method ?? '';
    const pictures = /^\/v1\/images\/(generation|edit)s$/.exec(path);
    if (pictures) {
      requireMethod(method, 'POST', path);
      const answer = isXai ? answerXaiPictures : answerOpenAiPictures;
      return answer(call, pictures[1] === 'edit' ? 'edit' : 'generation');
    }
    if (path === (isXai ? '/v1/videos/generations' : '/v1/videos')) {
      requireMethod(method, 'POST', path);
      return (isXai ? createXaiVideo : createOpenAiVideo)(films, call);
    }
    if (!path.startsWith('/v1/videos/')) return null;
    const rest = path.slice('/v1/videos/'.length);
    const query = new URL(request.url ?? '/', origin).searchParams;
    if (isXai) requireMethod(method, 'GET', path);
    return soon(() =>
      isXai
        ? answerXaiVideo(films, rest, { response, origin })
        : answerOpenAiVideo(films, { method, rest, query, response }),
    );
  };
}

async function soon(act: () => void): Promise<void> {
  await Promise.resolve();
  act();
}

function requireMethod(method: string, wanted: string, path: string): void {
  if (method !== wanted) throw new OpenAiError({ status: 405, message: `Not allowed to ${method} on ${path}.` });
}

/** Answers an artefact's own path, which needs no credential; false where the path is none. */
export function answerArtefact(path: string, response: ServerResponse): boolean {
  const order = orderOf(path);
  if (order === null) return false;
  const { bytes, contentType } = makeArtefact(order);
  response.writeHead(200, { 'content-type': contentType, 'content-length': String(bytes.length) });
  response.end(bytes);
  return true;
}
