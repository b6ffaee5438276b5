import { OPENAI_RESPONSES_CODEC } from '@sluice/llm/formats/openai-responses/codec';
import { createGrammar } from '@sluice/llm/neutral/grammar';
import { foldStream } from '@sluice/llm/neutral/fold';
import { aCall, aClient, collectWarnings, decodeSse, fixtureCases } from '../../../support/formats.ts';

const FORMAT = 'openai-responses';
const CASES = fixtureCases(FORMAT);
const { decodeRequest, decodeResponse } = OPENAI_RESPONSES_CODEC;

const having = (file: string) => CASES.filter((fixture) => fixture.text(file) !== null);

test('the golden folders are there', () => {
  expect(having('request.json').length).toBeGreaterThanOrEqual(2);
  expect(having('stream.sse').length).toBeGreaterThanOrEqual(7);
});

test.each(having('request.json'))(
  'the request of $name is read as its neutral form says, with its warnings',
  (fixture) => {
    const { warnings, warn } = collectWarnings();
    const request = decodeRequest(fixture.json('request.json') ?? {}, aClient({ warn }));
    expect(JSON.parse(JSON.stringify({ ...request, warnings }))).toEqual(fixture.json('request.neutral.json'));
  },
);

test.each(having('response.json'))('the answer of $name is read as its neutral form says', (fixture) => {
  const response = decodeResponse(fixture.json('response.json') ?? {}, aCall(FORMAT));
  expect(response).toEqual(fixture.json('response.neutral.json'));
});

test.each(having('stream.sse'))('the stream of $name keeps the grammar and comes to the same answer', (fixture) => {
  const parts = decodeSse(OPENAI_RESPONSES_CODEC, fixture.text('stream.sse') ?? '', aCall(FORMAT));
  const lines = (fixture.text('stream.neutral.jsonl') ?? '').trimEnd().split('\n');
  expect(parts).toEqual(lines.map((line) => JSON.parse(line) as unknown));
  const grammar = createGrammar();
  for (const part of parts) grammar.push(part);
  grammar.end();
  expect(foldStream(parts)).toEqual(fixture.json('response.neutral.json'));
});

test.each(having('stream.sse'))('the stream of $name gives the same parts however its bytes are cut', (fixture) => {
  const sse = fixture.text('stream.sse') ?? '';
  const whole = decodeSse(OPENAI_RESPONSES_CODEC, sse, aCall(FORMAT));
  for (const size of [1, 7, 64]) {
    expect(decodeSse(OPENAI_RESPONSES_CODEC, sse, aCall(FORMAT), size)).toEqual(whole);
  }
});
