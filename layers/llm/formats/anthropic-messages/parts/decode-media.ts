import { isJsonObject, type JsonObject } from '../../../neutral/json.ts';
import type { DocumentPart, ImagePart, MediaSource, TextPart } from '../../../neutral/parts.ts';
import { checkBase64 } from '../../data-url.ts';
import { sniffMediaType } from '../../media-types.ts';
import { asArray, asObject, asString, asText, looseString, pathOf, wrongType } from '../../reading.ts';
import { decodeCacheMark } from './cache-marks.ts';

/** https://docs.claude.com/en/docs/build-with-claude/vision */
export function decodeImage(block: JsonObject, path: string): ImagePart {
  const sourcePath = pathOf(path, 'source');
  const source = asObject(block['source'], sourcePath);
  return { type: 'image', source: decodeSource(source, sourcePath, 'image/png'), ...cacheOf(block) };
}

/**
 * https://docs.claude.com/en/docs/build-with-claude/pdf-support. A document of blocks is its texts, and its images stand
 * behind it.
 */
export function decodeDocument(block: JsonObject, path: string): (DocumentPart | ImagePart)[] {
  const sourcePath = pathOf(path, 'source');
  const source = asObject(block['source'], sourcePath);
  const images: ImagePart[] = [];
  const document: DocumentPart = {
    type: 'document',
    source: decodeDocumentSource(source, sourcePath, images),
    name: looseString(block['title']),
    ...cacheOf(block),
  };
  if (isJsonObject(block['citations'])) document.citations = block['citations']['enabled'] === true;
  if (typeof block['context'] === 'string') document.context = block['context'];
  return [document, ...images];
}

/** A search result of the client's own is a document with an address, in languages that have no such thing. */
export function decodeSearchResult(block: JsonObject, path: string): DocumentPart {
  const content = asArray(block['content'], pathOf(path, 'content'));
  const texts = content.map((item, index) => {
    const itemPath = pathOf(pathOf(path, 'content'), index);
    return asString(asObject(item, itemPath)['text'], pathOf(itemPath, 'text'));
  });
  const document: DocumentPart = {
    type: 'document',
    source: { kind: 'text', text: texts.join('\n') },
    name: looseString(block['title']),
    ...cacheOf(block),
  };
  if (typeof block['source'] === 'string') document.context = block['source'];
  if (isJsonObject(block['citations'])) document.citations = block['citations']['enabled'] === true;
  return document;
}

function decodeDocumentSource(source: JsonObject, path: string, images: ImagePart[]): DocumentPart['source'] {
  if (source['type'] === 'text') return { kind: 'text', text: asString(source['data'], pathOf(path, 'data')) };
  if (source['type'] !== 'content') return decodeSource(source, path, 'application/pdf');
  const { content } = source;
  if (typeof content === 'string') return { kind: 'text', text: content };
  const texts: TextPart['text'][] = [];
  for (const [index, item] of asArray(content, pathOf(path, 'content')).entries()) {
    const itemPath = pathOf(pathOf(path, 'content'), index);
    const block = asObject(item, itemPath);
    if (block['type'] === 'image') images.push(decodeImage(block, itemPath));
    else texts.push(asString(block['text'], pathOf(itemPath, 'text')));
  }
  return { kind: 'text', text: texts.join('\n') };
}

function decodeSource(source: JsonObject, path: string, fallbackType: string): MediaSource {
  switch (source['type']) {
    case 'base64': {
      const data = checkBase64(asText(source['data'], pathOf(path, 'data')), pathOf(path, 'data'));
      return {
        kind: 'base64',
        mediaType: looseString(source['media_type']) ?? sniffMediaType(data) ?? fallbackType,
        data,
      };
    }
    case 'url':
      return { kind: 'url', url: asText(source['url'], pathOf(path, 'url')), mediaType: null };
    case 'file':
      return { kind: 'file', fileId: asText(source['file_id'], pathOf(path, 'file_id')), format: 'anthropic-messages' };
    default:
      throw wrongType(pathOf(path, 'type'), "one of 'base64', 'url', 'file'");
  }
}

function cacheOf(block: JsonObject): { cache?: ImagePart['cache'] } {
  const cache = decodeCacheMark(block['cache_control']);
  return cache ? { cache } : {};
}
