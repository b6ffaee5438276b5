import fc from 'fast-check';
import { foldStream } from '@sluice/llm/neutral/fold';
import { createGrammar } from '@sluice/llm/neutral/grammar';
import type { NeutralResponse } from '@sluice/llm/neutral/response';
import type { StreamPart } from '@sluice/llm/neutral/stream';
import { commonAnswer, told, totals } from '../../support/common-answers.ts';
import { decodeSse } from '../../support/formats.ts';
import { createHolds, LAW_TIMEOUT_MS } from '../../support/laws.ts';
import { piecesOf } from '../../support/neutral-arbitraries.ts';
import { callOf, convertAnswer, convertStream, PAIRS, type ClientSide } from '../../support/pairs.ts';

const holds = createHolds(4);
const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });
const cuts = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 5 });

/** What the client's own reader of its language makes of a stream; it keeps the grammar whatever comes. */
function readByClient(client: ClientSide, sse: Buffer): StreamPart[] {
  const parts = decodeSse(client.codec, sse, callOf(client));
  const grammar = createGrammar();
  for (const part of parts) grammar.push(part);
  grammar.end();
  return parts;
}

describe.each(PAIRS)('an answer of $upstream.name for a client of $client.name', (pair) => {
  const { client, upstream } = pair;
  const readWhole = (wire: ReturnType<typeof convertAnswer>): NeutralResponse =>
    client.codec.decodeResponse(wire, callOf(client));

  test(
    'says what the upstream said, and no token is counted twice or lost',
    () => {
      holds(commonAnswer, (answer) => {
        const wire = upstream.answer(answer);
        const read = readWhole(convertAnswer(pair, wire));
        expect(told(read)).toEqual(told(answer));
        const heard = upstream.codec.decodeResponse(wire, callOf(upstream));
        expect(totals(heard.usage)).toEqual(totals(answer.usage));
        expect(totals(read.usage)).toEqual(totals(answer.usage));
      });
    },
    LAW_TIMEOUT_MS,
  );

  test(
    'is the same streamed and whole, and however the bytes of the stream come in',
    () => {
      holds(fc.tuple(commonAnswer, sizes, cuts), ([answer, pieces, chunks]) => {
        const bytes = Buffer.from(upstream.stream(piecesOf(answer, pieces)).join(''));
        const sse = convertStream(pair, bytes);
        expect(convertStream(pair, bytes, chunks).equals(sse)).toBe(true);
        const folded = foldStream(readByClient(client, sse));
        expect(told(folded)).toEqual(told(answer));
        const whole = readWhole(convertAnswer(pair, upstream.answer(answer)));
        expect(told(folded)).toEqual(told(whole));
        expect(folded.usage).toEqual(whole.usage);
      });
    },
    LAW_TIMEOUT_MS,
  );

  test(
    'passes through a gateway behind the gateway unchanged',
    () => {
      const chained = PAIRS.find((other) => other.client === client && other.upstream.name === client.name);
      holds(fc.tuple(commonAnswer, sizes), ([answer, pieces]) => {
        const bytes = Buffer.from(upstream.stream(piecesOf(answer, pieces)).join(''));
        const once = convertStream(pair, bytes);
        const twice = convertStream(chained as (typeof PAIRS)[number], once);
        expect(told(foldStream(readByClient(client, twice)))).toEqual(told(answer));
        const whole = convertAnswer(pair, upstream.answer(answer));
        expect(told(readWhole(convertAnswer(chained as (typeof PAIRS)[number], whole)))).toEqual(told(answer));
      });
    },
    LAW_TIMEOUT_MS,
  );

  test(
    'is a stream that the client can read, whatever the upstream leaves out, repeats, mixes up or spoils',
    () => {
      holds(fc.tuple(commonAnswer, sizes, faults), ([answer, pieces, wounds]) => {
        const events = wounds.reduce(spoil, upstream.stream(piecesOf(answer, pieces)));
        const decoder = upstream.codec.createStreamDecoder(callOf(upstream));
        const parts = events.flatMap((event) => {
          const [, name, data] = /^(?:event: (.*)\n)?data: (.*)\n\n$/s.exec(event) ?? [];
          return data === undefined ? [] : decoder.push({ event: name ?? 'message', data });
        });
        const grammar = createGrammar();
        for (const part of [...parts, ...decoder.end()]) grammar.push(part);
        grammar.end();
        readByClient(client, convertStream(pair, Buffer.from(events.join(''))));
      });
    },
    LAW_TIMEOUT_MS,
  );
});

interface Fault {
  at: number;
  how: 'drop' | 'repeat' | 'swap' | 'cut' | 'null' | 'zero' | 'text' | 'garbage';
}

const faults = fc.array(
  fc.record({
    at: fc.nat(),
    how: fc.constantFrom<Fault['how']>('drop', 'repeat', 'swap', 'cut', 'null', 'zero', 'text', 'garbage'),
  }),
  { minLength: 1, maxLength: 4 },
);

/** One member of one event, in the order of its text, is something else than it should be. */
const OTHERWISE = { null: ':null', zero: ':0', text: ':"x"' } as const;

function spoil(events: string[], { at, how }: Fault): string[] {
  if (events.length === 0) return events;
  const index = at % events.length;
  const event = events[index] as string;
  switch (how) {
    case 'drop':
      return events.toSpliced(index, 1);
    case 'repeat':
      return events.toSpliced(index, 0, event);
    case 'swap':
      return [...events.slice(0, index), ...events.slice(index + 1), event];
    case 'cut':
      return events.slice(0, index);
    case 'garbage':
      return events.toSpliced(index, 0, 'data: {"never": "seen"}\n\n', 'data: nonsense\n\n', ': only words\n\n');
    default: {
      const members = [...event.matchAll(/:(?:"[^"\\]*"|\d+|null|true|false|\{\}|\[\])/g)];
      const member = members[at % Math.max(1, members.length)];
      if (member === undefined) return events;
      const spoiled = event.slice(0, member.index) + OTHERWISE[how] + event.slice(member.index + member[0].length);
      return events.with(index, spoiled);
    }
  }
}
