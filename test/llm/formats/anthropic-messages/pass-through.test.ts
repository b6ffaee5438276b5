import { ANTHROPIC_MESSAGES as format } from '@sluice/llm/formats/anthropic-messages/anthropic-messages';
import { PLAIN_BODY } from '@sluice/llm/upstreams/vendor';
import { fixtureCases } from '../../../support/formats.ts';

const FIXED = { model: 'up', outputCap: null, outputCapField: 'max_tokens', body: PLAIN_BODY } as const;

function prepare(text: string, upstream: Partial<Parameters<typeof format.prepareBody>[2]> = {}): string {
  const body = Buffer.from(text);
  return format.prepareBody(body, format.readRequest(body), { ...FIXED, ...upstream }).toString();
}

describe('preparing a message request for its upstream', () => {
  test('returns the very same bytes when nothing has to change', () => {
    const body = Buffer.from('{"model":"up", "max_tokens":9,"messages":[{}]}');
    expect(format.prepareBody(body, format.readRequest(body), FIXED)).toBe(body);
  });

  test.each([
    [
      'the model',
      '{"max_tokens":9 ,"model":"x","messages":[{}]}',
      {},
      '{"max_tokens":9 ,"model":"up","messages":[{}]}',
    ],
    [
      'a maximum beyond the cap',
      '{"model":"up","max_tokens":99,"messages":[{}]}',
      { outputCap: 50 },
      '{"model":"up","max_tokens":50,"messages":[{}]}',
    ],
    [
      'no maximum below the cap',
      '{"model":"up","max_tokens":9,"messages":[{}]}',
      { outputCap: 50 },
      '{"model":"up","max_tokens":9,"messages":[{}]}',
    ],
    [
      'thinking that would fill the capped answer',
      '{"model":"up","max_tokens":9000,"thinking":{"type":"enabled","budget_tokens":4000},"messages":[{}]}',
      { outputCap: 3000 },
      '{"model":"up","max_tokens":3000,"thinking":{"type":"enabled","budget_tokens":2999},"messages":[{}]}',
    ],
    [
      'thinking that has no room left',
      '{"model":"up","max_tokens":9000,"thinking":{"type":"enabled","budget_tokens":4000},"messages":[{}]}',
      { outputCap: 500 },
      '{"model":"up","max_tokens":500,"thinking":{"type":"disabled"},"messages":[{}]}',
    ],
    [
      'what the vendor wants and does not know',
      '{ "model":"up","max_tokens":9, "stream":true,"messages":[ {} ]}',
      { body: { without: ['model', 'stream'], members: { anthropic_version: 'v' } } },
      '{"max_tokens":9,"messages":[ {} ],"anthropic_version":"v"}',
    ],
    [
      'a repeated model, for readers of either',
      '{"model":"a","model":"up","max_tokens":9,"messages":[{}]}',
      {},
      '{"model":"up","model":"up","max_tokens":9,"messages":[{}]}',
    ],
  ])('changes %s and nothing else', (_name, text, upstream, expected) => {
    expect(prepare(text, upstream)).toBe(expected);
  });

  test.each([
    ['{"max_tokens":9,"messages":[{}]}', 'model'],
    ['{"model":"m","messages":[{}]}', 'max_tokens'],
    ['{"model":"m","max_tokens":0,"messages":[{}]}', 'max_tokens'],
    ['{"model":"m","max_tokens":9}', 'messages'],
    ['{"model":"m","max_tokens":9,"messages":[]}', 'messages'],
    ['{"model":"m","max_tokens":9,"messages":[{}],"stream":"yes"}', 'stream'],
  ])('refuses %s by its field', (text, param) => {
    expect(() => prepare(text)).toThrow(expect.objectContaining({ code: 'invalid_field', param }));
  });

  test('needs no maximum for a count', () => {
    expect(format.readCountRequest(Buffer.from('{"model":"m","messages":[{}]}')).maxOutputTokens).toBeNull();
    expect(format.encodeTokenCount(12)).toBe('{"input_tokens":12}');
  });
});

describe('the key of a conversation', () => {
  const keyOf = (text: string): string | null => {
    const body = Buffer.from(text);
    return format.readConversation(body, format.readCountRequest(body))?.toString() ?? null;
  };

  test('is the session that Claude Code names', () => {
    const user = '{"session_id":"s"}';
    expect(keyOf(JSON.stringify({ model: 'm', messages: [{}], metadata: { user_id: user } }))).toBe(user);
  });

  test('is the first message, wherever its cache marks stand in this turn', () => {
    const block = { type: 'text', text: 'go' };
    const marked = { ...block, cache_control: { type: 'ephemeral' } };
    const first = (content: object[]): string => JSON.stringify({ model: 'm', messages: [{ role: 'user', content }] });
    expect(keyOf(first([marked]))).toBe(keyOf(first([block])));
    expect(keyOf(first([block, marked]))).not.toBe(keyOf(first([block])));
  });
});

describe('the tap of a stream', () => {
  const fixture = fixtureCases('anthropic-messages').find(({ name }) => name === 'thinking');
  const sse = Buffer.from(fixture?.text('stream.sse') ?? '');
  const seeAll = (bytes: Buffer, step: number) => {
    const tap = format.createStreamTap({} as never);
    const ends = [...bytes.toString('latin1').matchAll(/\n\n/g)].map(({ index }) => index + 2);
    for (let at = 0; at < ends.length; at += step) {
      const from = at === 0 ? 0 : (ends[at - 1] as number);
      const group = ends.slice(at, at + step);
      tap.see({ bytes: bytes.subarray(from, group.at(-1)), ends: group.map((end) => end - from) });
    }
    return tap;
  };

  test.each([1, 3, 100])('tells usage, end and what was delivered, %i events at a time', (step) => {
    const tap = seeAll(sse, step);
    expect(tap).toMatchObject({
      usage: { input: 25, output: 20, reasoning: 100 },
      finished: true,
      ended: true,
      failed: false,
    });
    expect(tap.delivered().output).toBe('The greatest common divisor of 1071 and 462 is **21**.');
    expect(tap.delivered().reasoning).toContain('2 × 462');
  });

  test('passes the bytes on as they are, and nothing behind the end', () => {
    const tap = format.createStreamTap({} as never);
    const block = { bytes: sse, ends: [...sse.toString('latin1').matchAll(/\n\n/g)].map(({ index }) => index + 2) };
    expect(tap.see(block)).toEqual(sse);
    expect(tap.see(block)).toBeNull();
  });

  test('takes no text of the answer for a mark', () => {
    const event =
      'event: content_block_delta\ndata: {"delta":{"text":"{\\"type\\":\\"message_stop\\"}"},"type":"content_block_delta"}\n\n';
    const tap = format.createStreamTap({} as never);
    tap.see({ bytes: Buffer.from(event), ends: [event.length] });
    expect(tap).toMatchObject({ ended: false, failed: false, usage: null });
    expect(tap.delivered().output).toBe('{"type":"message_stop"}');
  });

  test('is not finished by a stream that breaks off, and failed by an error', () => {
    const cut = sse.subarray(0, sse.indexOf('event: message_delta'));
    expect(seeAll(cut, 1)).toMatchObject({ finished: false, ended: false });
    const error = 'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"x"}}\n\n';
    expect(seeAll(Buffer.concat([cut, Buffer.from(error)]), 1)).toMatchObject({ failed: true, ended: false });
  });

  test('reads a whole answer', () => {
    const facts = format.readBody(Buffer.from(fixture?.text('response.json') ?? ''));
    expect(facts.usage).toMatchObject({ input: 25, output: 20, reasoning: 100 });
    expect(facts.delivered.output).toContain('**21**');
    expect(format.readBody(Buffer.from('<html>')).usage).toBeNull();
  });
});

test('a request is counted over all that the model reads', async () => {
  const count = (body: object): Promise<number> => format.countRequest(Buffer.from(JSON.stringify(body)));
  const plain = await count({ messages: [{ role: 'user', content: 'hello there' }] });
  const result = { type: 'tool_result', content: [{ type: 'text', text: 'much more text than that' }] };
  const whole = await count({
    system: 'Be brief.',
    messages: [{ role: 'user', content: [result] }],
    tools: [{ name: 'f' }],
  });
  expect(plain).toBe(5);
  expect(whole).toBeGreaterThan(plain);
});
