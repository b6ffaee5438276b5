import fc from 'fast-check';
import { createEventFramer } from '@sluice/kit/stream/sse-framing';
import { ANTHROPIC_MESSAGES } from '@sluice/llm/formats/anthropic-messages/anthropic-messages';
import { GEMINI } from '@sluice/llm/formats/gemini/gemini';
import { OPENAI_CHAT } from '@sluice/llm/formats/openai-chat/openai-chat';
import { OPENAI_RESPONSES } from '@sluice/llm/formats/openai-responses/openai-responses';
import type { WireFormat } from '@sluice/llm/formats/wire-format';
import { PLAIN_BODY } from '@sluice/llm/upstreams/vendor';
import { commonAnswer, totals } from '../../support/common-answers.ts';
import { commonRequest } from '../../support/common-requests.ts';
import { createHolds, LAW_TIMEOUT_MS } from '../../support/laws.ts';
import { piecesOf } from '../../support/neutral-arbitraries.ts';
import { callOf, CLIENT_SIDES, plain, UPSTREAM_SIDES } from '../../support/pairs.ts';

const holds = createHolds(3);
const FORMATS: readonly WireFormat[] = [OPENAI_CHAT, OPENAI_RESPONSES, ANTHROPIC_MESSAGES, GEMINI];
const SIDES = FORMATS.map((format) => ({
  name: format.name,
  format,
  client: CLIENT_SIDES.find(({ name }) => name === format.name) as (typeof CLIENT_SIDES)[number],
  upstream: UPSTREAM_SIDES.find(({ name }) => name === format.name) as (typeof UPSTREAM_SIDES)[number],
}));

const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });
const cuts = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 5 });

describe.each(SIDES)('what passes in $name', ({ format, client, upstream }) => {
  const path = format.name === 'gemini' ? { model: 'm', stream: false, jsonArray: false } : null;
  const prepare = (body: Buffer, model: string): Buffer =>
    format.prepareBody(body, format.readRequest(body, path), {
      model,
      outputCap: null,
      outputCapField: 'max_tokens',
      body: PLAIN_BODY,
    });

  test(
    'is a request of the same bytes, but for the model’s name',
    () => {
      holds(fc.tuple(commonRequest, fc.constantFrom('', ' ', '  ', '\t')), ([request, indent]) => {
        const wire = plain(client.codec.encodeRequest({ ...request, stream: false }, callOf(client, { model: 'm' })));
        const text = `\n${JSON.stringify({ 'vendor"s_own': [1.0, '\u2028'], ...wire }, null, indent)}\r\n`;
        expect(prepare(Buffer.from(text), 'm').toString()).toBe(text);
        const named = text.replaceAll(/^(\s*|\{|.*?[{,])"model":(\s*)"m"/gm, '$1"model":$2"another"');
        if (format.name !== 'gemini') expect(prepare(Buffer.from(text), 'another').toString()).toBe(named);
      });
    },
    LAW_TIMEOUT_MS,
  );

  test(
    'is a stream of the same bytes however it is cut, whose usage is read on the way',
    () => {
      holds(fc.tuple(commonAnswer, sizes, cuts), ([answer, pieces, chunks]) => {
        const bytes = Buffer.from(upstream.stream(piecesOf(answer, pieces)).join(''));
        const tap = format.createStreamTap(wantingUsage(format, path));
        const framer = createEventFramer();
        const out: Buffer[] = [];
        for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
          const size = chunks[turn % chunks.length] as number;
          const block = framer.push(bytes.subarray(at, at + size));
          at += size;
          const seen = block && tap.see(block);
          if (seen) out.push(Buffer.from(seen));
        }
        expect(Buffer.concat(out).equals(bytes)).toBe(true);
        expect(totals(tap.usage)).toEqual(totals(answer.usage));
        expect([tap.finished, tap.failed]).toEqual([true, false]);
      });
    },
    LAW_TIMEOUT_MS,
  );

  test(
    'is an answer whose usage adds up to what the upstream counted',
    () => {
      holds(commonAnswer, (answer) => {
        const { usage } = format.readBody(Buffer.from(JSON.stringify(upstream.answer(answer))));
        expect(totals(usage)).toEqual(totals(answer.usage));
      });
    },
    LAW_TIMEOUT_MS,
  );
});

/** The client's request asked for the report in its stream, so that no event is ours alone. */
function wantingUsage(format: WireFormat, path: Parameters<WireFormat['readRequest']>[1]) {
  const body = {
    model: 'm',
    stream: true,
    stream_options: { include_usage: true },
    messages: [{ role: 'user', content: 'x' }],
    input: 'x',
    contents: [{ parts: [{ text: 'x' }] }],
    max_tokens: 9,
  };
  return format.readRequest(Buffer.from(JSON.stringify(body)), path && { ...path, stream: true });
}
