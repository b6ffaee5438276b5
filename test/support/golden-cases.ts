import { foldStream } from '@sluice/llm/neutral/fold';
import { createGrammar } from '@sluice/llm/neutral/grammar';
import type { Codec } from '@sluice/llm/formats/codec';
import type { FormatName } from '@sluice/llm/formats/format-name';
import type { NeutralResponse } from '@sluice/llm/neutral/response';
import type { StreamPart } from '@sluice/llm/neutral/stream';
import { aCall, aClient, collectWarnings, decodeSse, type FixtureCase } from './formats.ts';

/** What a golden case's request is read as, with its warnings. */
export function readRequestOf(codec: Codec, fixture: FixtureCase): unknown {
  const { warnings, warn } = collectWarnings();
  const request = codec.decodeRequest(fixture.json('request.json') ?? {}, aClient({ warn }));
  return JSON.parse(JSON.stringify({ ...request, warnings }));
}

export function readAnswerOf(codec: Codec, fixture: FixtureCase): NeutralResponse {
  return codec.decodeResponse(fixture.json('response.json') ?? {}, aCall(codec.name as FormatName));
}

/** The parts of a golden case's stream, checked against the grammar. */
export function readStreamOf(codec: Codec, fixture: FixtureCase, chunkBytes?: number): StreamPart[] {
  const parts = decodeSse(codec, fixture.text('stream.sse') ?? '', aCall(codec.name as FormatName), chunkBytes);
  const grammar = createGrammar();
  for (const part of parts) grammar.push(part);
  grammar.end();
  return parts;
}

/** As plain JSON, errors by their code and sentence. */
export function plainParts(parts: readonly StreamPart[]): unknown[] {
  return parts.map((part): unknown =>
    part.type === 'failure'
      ? { type: 'failure', code: part.error.code, message: part.error.message }
      : JSON.parse(JSON.stringify(part)),
  );
}

/** The folded stream and the whole answer; white space in arguments is the model's own. */
export function sameAnswer(response: NeutralResponse): unknown {
  return JSON.parse(
    JSON.stringify(response, (key, value: unknown) =>
      key === 'arguments' ? (JSON.parse(String(value)) as unknown) : value,
    ),
  );
}

export function foldedAnswer(parts: readonly StreamPart[]): unknown {
  return sameAnswer(foldStream(parts));
}
