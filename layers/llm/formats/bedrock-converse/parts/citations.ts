import type { JsonObject } from '../../../neutral/json.ts';
import type { Citation } from '../../../neutral/parts.ts';
import { looseArray, looseObject, looseString } from '../../reading.ts';

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Citation.html: of the text that carries it as a whole. */
export function decodeCitation(citation: JsonObject): Citation {
  const { title, source, sourceContent, location } = citation;
  const texts = looseArray(sourceContent).map((piece) => looseString(looseObject(piece)['text']) ?? '');
  const web = looseObject(looseObject(location)['web']);
  const quoted = texts.join('');
  return {
    start: null,
    end: null,
    title: looseString(title),
    url: looseString(web['url']) ?? urlOf(looseString(source)),
    citedText: quoted === '' ? null : quoted,
    native: { format: 'bedrock-converse', value: citation },
  };
}

function urlOf(source: string | null): string | null {
  return source !== null && /^https?:\/\//.test(source) ? source : null;
}
