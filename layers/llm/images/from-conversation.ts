import type { NeutralMessage, NeutralRequest } from '../neutral/request.ts';
import type { ImagePart } from '../neutral/parts.ts';
import type { ImageInput, ImageRequest } from './image.ts';

const MOST_IMAGES = 16;
const MOST_RESULTS = 10;

/**
 * A conversation with a model that draws, as one wish: the last turn of the user's in plain words, the turns before it
 * told with who said them. Pictures that the user sent are to be changed.
 */
export function imageRequestOf(request: NeutralRequest): ImageRequest {
  const images = request.messages.flatMap(picturesIn).slice(-MOST_IMAGES).map(inputOf);
  return {
    model: request.model,
    operation: images.length > 0 ? 'edit' : 'generate',
    prompt: promptOf(request.messages),
    n: Math.min(MOST_RESULTS, Math.max(1, request.choices)),
    size: null,
    images,
    mask: null,
    quality: null,
    background: null,
    style: null,
    moderation: null,
    inputFidelity: null,
    outputFormat: null,
    outputCompression: null,
    responseFormat: null,
    concurrency: 1,
    stream: false,
    partialImages: null,
    endUser: request.endUser,
    extras: { format: 'openai-images', members: {} },
  };
}

function picturesIn(message: NeutralMessage): ImagePart[] {
  return message.role === 'user' ? message.content.filter((part) => part.type === 'image') : [];
}

function inputOf({ source }: ImagePart, index: number): ImageInput {
  const path = `messages.image[${index}]`;
  if (source.kind === 'url') return { path, name: '', source: { kind: 'url', url: source.url } };
  if (source.kind === 'file') return { path, name: '', source };
  const { mediaType, data } = source;
  return { path, name: '', source: { kind: 'bytes', mediaType, bytes: Buffer.from(data, 'base64') } };
}

function promptOf(messages: readonly NeutralMessage[]): string {
  const turns = messages
    .map((message) => ({ role: message.role, text: textOf(message) }))
    .filter(({ text }) => text !== '');
  const last = turns.findLastIndex(({ role }) => role === 'user');
  return turns
    .slice(0, last + 1)
    .map(({ role, text }, index) => (index === last ? text : `${role}: ${text}`))
    .join('\n\n');
}

/** Links to pictures that were made are no words. */
const PICTURE_LINK = /!\[[^\]]*\]\([^)]*\)/g;

function textOf({ content }: NeutralMessage): string {
  return content
    .map((part) => (part.type === 'text' ? part.text.replaceAll(PICTURE_LINK, '') : ''))
    .join('')
    .trim();
}
