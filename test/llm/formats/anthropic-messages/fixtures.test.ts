import { ANTHROPIC_MESSAGES_CODEC as codec } from '@sluice/llm/formats/anthropic-messages/codec';
import { ANTHROPIC_MESSAGES as format } from '@sluice/llm/formats/anthropic-messages/anthropic-messages';
import { fixtureCases } from '../../../support/formats.ts';
import {
  foldedAnswer,
  plainParts,
  readAnswerOf,
  readRequestOf,
  readStreamOf,
  sameAnswer,
} from '../../../support/golden-cases.ts';

const CASES = fixtureCases('anthropic-messages');
const having = (file: string) => CASES.filter((fixture) => fixture.text(file) !== null);

test('the golden folders are there', () => {
  expect(having('request.json').length).toBeGreaterThanOrEqual(1);
  expect(having('stream.sse').length).toBeGreaterThanOrEqual(9);
  expect(having('error.json').length).toBe(1);
});

test.each(having('request.json'))(
  'the request of $name is read as its neutral form says, with its warnings',
  (fixture) => {
    expect(readRequestOf(codec, fixture)).toEqual(fixture.json('request.neutral.json'));
  },
);

test.each(having('response.json'))('the answer of $name is read as its neutral form says', (fixture) => {
  expect(readAnswerOf(codec, fixture)).toEqual(fixture.json('response.neutral.json'));
});

test.each(having('stream.sse'))('the stream of $name is read as its neutral form says', (fixture) => {
  const lines = (fixture.text('stream.neutral.jsonl') ?? '').trimEnd().split('\n');
  expect(plainParts(readStreamOf(codec, fixture))).toEqual(lines.map((line) => JSON.parse(line) as unknown));
});

test.each(having('response.json'))('the stream of $name comes to the same answer', (fixture) => {
  expect(foldedAnswer(readStreamOf(codec, fixture))).toEqual(sameAnswer(readAnswerOf(codec, fixture)));
});

test.each(having('stream.sse'))('the stream of $name gives the same parts however its bytes are cut', (fixture) => {
  const whole = plainParts(readStreamOf(codec, fixture));
  for (const size of [1, 7, 64]) expect(plainParts(readStreamOf(codec, fixture, size))).toEqual(whole);
  const withCrLf = { ...fixture, text: (file: string) => fixture.text(file)?.replaceAll('\n', '\r\n') ?? null };
  expect(plainParts(readStreamOf(codec, withCrLf))).toEqual(whole);
});

test.each(having('error.json'))('the sentence of the error of $name is found', (fixture) => {
  const body = Buffer.from(fixture.text('error.json') ?? '');
  expect(format.decodeErrorMessage(body)).toMatch(/overloaded/i);
});
