import * as fc from 'fast-check';
import { createEventFramer } from '@sluice/kit/stream/sse-framing';
import { createStreamTap } from '@sluice/llm/formats/openai-chat/stream-tap';
import { OPENAI_CHAT } from '@sluice/llm/formats/openai-chat/openai-chat';
import type { StreamTap } from '@sluice/llm/formats/wire-format';

function chunk(fields: object): string {
  return `data: ${JSON.stringify({ id: 'c', ...fields })}\n\n`;
}

function delta(fields: object, reason: string | null = null, index = 0): string {
  return chunk({ choices: [{ index, delta: fields, logprobs: null, finish_reason: reason }], usage: null });
}

const REPORT = chunk({ choices: [], usage: { prompt_tokens: 2, completion_tokens: 3 } });
const DONE = 'data: [DONE]\n\n';

function run(
  events: readonly string[],
  facts = { wantsStreamUsage: false, choices: 1 },
): { tap: StreamTap; shown: string } {
  const tap = createStreamTap(facts);
  const block = createEventFramer().push(Buffer.from(events.join('')));
  const shown = (block && tap.see(block)?.toString()) ?? '';
  return { tap, shown };
}

describe('the tap on a chat stream', () => {
  it('hands a block on without copying it when the client may see all of it', () => {
    const bytes = Buffer.from(delta({ content: 'a' }));
    expect(createStreamTap({ wantsStreamUsage: false, choices: 1 }).see({ bytes, ends: [bytes.length] })).toBe(bytes);
  });

  it('collects text, refusals, tool calls and reasoning apart, escapes resolved', () => {
    const { tap } = run([
      delta({ role: 'assistant', content: '' }),
      delta({ reasoning_content: 'hm\n' }),
      delta({ content: 'é "q" \\ 😀' }),
      'data: {"choices":[{"delta":{"content":"\\ud83d"}}]}\n\ndata: {"choices":[{"delta":{"content":"\\ude00"}}]}\n\n',
      delta({
        tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }],
      }),
    ]);
    expect(tap.delivered()).toEqual({ output: 'é "q" \\ 😀😀f{"a":1}', reasoning: 'hm\n', unkeptBytes: 0 });
  });

  it('gives back any text that a stream delivers, whatever it looks like', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), (words) => {
        const tricky = [
          ...words,
          '"usage":{"prompt_tokens":9}',
          '"finish_reason":"stop"',
          '{"error":1}',
          '[DONE]',
          '\\"',
        ];
        const { tap, shown } = run(tricky.map((content) => delta({ content })));
        expect(tap.delivered().output).toBe(tricky.join(''));
        expect(tap).toMatchObject({ usage: null, finished: false, ended: false, failed: false });
        expect(shown).toBe(tricky.map((content) => delta({ content })).join(''));
      }),
    );
  });

  it('sees usage, finish and end, and hides only the report that we asked for', () => {
    const events = [delta({ content: 'a' }), delta({}, 'stop'), REPORT, DONE];
    const hidden = run(events);
    expect(hidden.tap).toMatchObject({ usage: { input: 2, output: 3 }, finished: true, ended: true, failed: false });
    expect(hidden.shown).toBe([events[0], events[1], DONE].join(''));
    expect(run(events, { wantsStreamUsage: true, choices: 1 }).shown).toBe(events.join(''));
  });

  it('shows a report that came together with a choice', () => {
    const merged = chunk({
      choices: [{ index: 0, delta: {}, finish_reason: 'stop' }],
      usage: { prompt_tokens: 2, completion_tokens: 3 },
    });
    expect(run([merged])).toMatchObject({ shown: merged, tap: { finished: true, usage: { input: 2 } } });
  });

  it('is not finished before every choice is', () => {
    const facts = { wantsStreamUsage: false, choices: 2 };
    expect(run([delta({}, 'stop', 1), delta({}, 'stop', 1)], facts).tap.finished).toBe(false);
    expect(run([delta({}, 'stop', 1), delta({}, 'length', 0)], facts).tap.finished).toBe(true);
  });

  it.each([
    ['data:[DONE]\n\n', true],
    [': x\ndata: [DONE]\r\n\r\n', true],
    [': [DONE]\n\n', false],
    ['data: [DONE] or not\n\n', false],
  ])('takes %j for the end: %s', (event, ended) => {
    expect(run([event]).tap.ended).toBe(ended);
  });

  it('lets nothing follow the end', () => {
    expect(run([DONE, delta({ content: 'late' })]).shown).toBe(DONE);
  });

  it.each([
    chunk({ error: { message: 'x' } }),
    'event: error\ndata: {"error": "x"}\n\n',
    'data: {\ndata: "error": {"message":"x"}}\n\n',
  ])('knows an error: %j', (event) => {
    expect(run([event])).toMatchObject({ shown: event, tap: { failed: true } });
  });

  it('takes comments, odd events and broken JSON as they come', () => {
    const odd = [
      ': ping\n\n',
      'id: 1\n\n',
      'data: {"usage":{"prompt_tokens":1\n\n',
      'data: {"choices":[{"finish_reason":"stop"\n\n',
      '\n',
    ];
    const { tap, shown } = run(odd);
    expect(shown).toBe(odd.join(''));
    expect(tap).toMatchObject({ usage: null, finished: false, failed: false });
  });
});

describe('reading a whole answer', () => {
  it('finds the report wherever it stands, and not one in the text', () => {
    const body = Buffer.from(
      `{"choices":[{"message":{"content":"\\"usage\\":{\\"prompt_tokens\\":9}","x":{"usage":{"prompt_tokens":8}}}}], "usage" :\n{"prompt_tokens":2,"completion_tokens":3}}`,
    );
    const { usage, delivered } = OPENAI_CHAT.readBody(body);
    expect(usage).toMatchObject({ input: 2, output: 3 });
    expect(delivered.output).toBe('"usage":{"prompt_tokens":9}');
  });

  it('makes of a cut answer what can be made of it', () => {
    const { usage, delivered } = OPENAI_CHAT.readBody(Buffer.from('{"choices":[{"message":{"content":"half of i'));
    expect(usage).toBeNull();
    expect(delivered.output).toBe('half of i');
  });
});
