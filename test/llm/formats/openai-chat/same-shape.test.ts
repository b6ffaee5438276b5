import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createSameShape } from '../../../../layers/llm/formats/openai-chat/same-shape.ts';
import { createStreamTap } from '../../../../layers/llm/formats/openai-chat/stream-tap.ts';
import type { StreamTap } from '../../../../layers/llm/formats/wire-format.ts';

const FACTS = { wantsStreamUsage: true, choices: 1 };

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom('', '\\', '"', 'a"}]}', '","finish_reason":"stop"', '\\"', '[DONE]', '"usage":{}', '\u2028'),
);
const delta = fc.oneof(
  { weight: 6, arbitrary: text.map((content) => ({ content })) },
  { weight: 2, arbitrary: text.map((reasoning_content) => ({ reasoning_content })) },
  fc.tuple(text, text).map(([content, refusal]) => ({ content, refusal })),
  fc.constant({ role: 'assistant' }),
  text.map((args) => ({ tool_calls: [{ index: 0, function: { arguments: args } }] })),
);
const event = fc.record({
  id: fc.constantFrom('chatcmpl-1', 'chatcmpl-1', 'chatcmpl-1', 'chatcmpl-2'),
  choices: fc.tuple(
    fc.record({ index: fc.constant(0), delta, finish_reason: fc.constantFrom(null, null, null, 'stop') }),
  ),
  usage: fc.constantFrom(null, null, null, { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 }),
});

const wire = (value: unknown): Buffer => Buffer.from(`data: ${JSON.stringify(value)}\n\n`);
const see = (tap: StreamTap, bytes: Buffer): Buffer | null => tap.see({ bytes, ends: [bytes.length] });

describe('a stream whose events are alike', () => {
  it('is seen as if each event were looked through alone', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), (events) => {
        const one = createStreamTap(FACTS);
        const alone = { output: '', reasoning: '', unkeptBytes: 0 };
        let [finished, used]: [boolean, StreamTap['usage']] = [false, null];
        for (const bytes of events.map(wire)) {
          const fresh = createStreamTap(FACTS);
          expect(see(one, bytes)).toEqual(see(fresh, bytes));
          const { output, reasoning } = fresh.delivered();
          alone.output += output;
          alone.reasoning += reasoning;
          finished ||= fresh.finished;
          used = fresh.usage ?? used;
        }
        expect(one.delivered()).toEqual(alone);
        expect({ finished: one.finished, usage: one.usage }).toEqual({ finished, usage: used });
      }),
      { numRuns: 300 },
    );
  });

  it('is known by what stands around its one string', () => {
    const shape = createSameShape();
    const bytes = Buffer.from('xx{"a":"first","b":1}');
    expect(shape.match(bytes, 2, bytes.length)).toBe(-1);
    shape.learn(bytes, { kind: 'output', start: 2, end: bytes.length, textStart: 8, textEnd: 13 });
    const cases: [string, number][] = [
      ['{"a":"second one","b":1}', 16],
      ['{"a":"","b":1}', 6],
      ['{"a":"with \\"quotes\\"","b":1}', 21],
      ['{"a":"x","b":2}', -1],
      ['{"A":"x","b":1}', -1],
      ['{"a":"x","c":"y","b":1}', -1],
      ['{"a":"x\\","b":1}', -1],
      ['{"a":', -1],
    ];
    for (const [candidate, end] of cases) {
      const given = Buffer.from(candidate);
      expect([candidate, shape.match(given, 0, given.length)]).toEqual([candidate, end]);
    }
  });
});
