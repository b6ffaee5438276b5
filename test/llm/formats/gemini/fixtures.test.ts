import { parseExact } from '@sluice/kit/json/parse-exact';
import { GEMINI_CODEC } from '@sluice/llm/formats/gemini/codec';
import { foldStream } from '@sluice/llm/neutral/fold';
import { createGrammar } from '@sluice/llm/neutral/grammar';
import type { JsonObject } from '@sluice/llm/neutral/json';
import {
  aCall,
  aClient,
  collectWarnings,
  decodeSse,
  fixtureCases,
  type FixtureCase,
} from '../../../support/formats.ts';

const CASES = fixtureCases('gemini');
const { decodeRequest, decodeResponse, encodeResponse, createStreamEncoder } = GEMINI_CODEC;

const having = (file: string) => CASES.filter((fixture) => fixture.text(file) !== null);
/** As the relay parses bodies: numbers that JavaScript would change stay text. */
const exact = (fixture: FixtureCase, file: string) => parseExact(fixture.text(file) ?? '') as JsonObject;

test('the golden folders are there', () => {
  expect(having('request.json').length).toBeGreaterThanOrEqual(3);
  expect(having('stream.sse').length).toBeGreaterThanOrEqual(11);
});

test.each(having('request.json'))(
  'the request of $name is read as its neutral form says, with its warnings',
  (fixture) => {
    const { warnings, warn } = collectWarnings();
    const request = decodeRequest(exact(fixture, 'request.json'), aClient({ warn }));
    expect(JSON.parse(JSON.stringify({ ...request, warnings }))).toEqual(fixture.json('request.neutral.json'));
  },
);

test.each(having('response.json'))('the answer of $name is read as its neutral form says', (fixture) => {
  const response = decodeResponse(exact(fixture, 'response.json'), aCall('gemini'));
  expect(response).toEqual(fixture.json('response.neutral.json'));
});

test.each(having('stream.sse'))('the stream of $name keeps the grammar and comes to the same answer', (fixture) => {
  const parts = decodeSse(GEMINI_CODEC, fixture.text('stream.sse') ?? '', aCall('gemini'));
  const lines = (fixture.text('stream.neutral.jsonl') ?? '').trimEnd().split('\n');
  expect(parts).toEqual(lines.map((line) => JSON.parse(line) as unknown));
  const grammar = createGrammar();
  for (const part of parts) grammar.push(part);
  grammar.end();
  expect(foldStream(parts)).toEqual(fixture.json('response.neutral.json'));
});

test.each(having('stream.sse'))('the stream of $name gives the same parts however its bytes are cut', (fixture) => {
  const sse = fixture.text('stream.sse') ?? '';
  const whole = decodeSse(GEMINI_CODEC, sse, aCall('gemini'));
  for (const size of [1, 7, 64]) expect(decodeSse(GEMINI_CODEC, sse, aCall('gemini'), size)).toEqual(whole);
});

test.each(having('stream.sse'))('what a client is told of $name streamed is what it is told of it whole', (fixture) => {
  const parts = decodeSse(GEMINI_CODEC, fixture.text('stream.sse') ?? '', aCall('gemini'));
  const encoder = createStreamEncoder(aClient());
  const sse = parts.map((part) => encoder.push(part)).join('');
  const streamed = foldStream(decodeSse(GEMINI_CODEC, sse, aCall('gemini')));
  const whole = JSON.stringify(encodeResponse(foldStream(parts), aClient()));
  expect(streamed).toEqual(decodeResponse(parseExact(whole) as JsonObject, aCall('gemini')));
});
