import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { createEventFramer } from '@sluice/kit/stream/sse-framing';
import { OPENAI_RESPONSES } from '@sluice/llm/formats/openai-responses/openai-responses';
import { PLAIN_BODY } from '@sluice/llm/upstreams/vendor';
import { fixtureCases } from '../../../support/formats.ts';

const FIXTURES = fixtureCases('openai-responses');
const fixture = (name: string, file: string): string => FIXTURES.find((entry) => entry.name === name)?.text(file) ?? '';

const PREPARED = { model: 'up', outputCap: null, outputCapField: 'max_tokens', body: PLAIN_BODY } as const;

function read(body: string) {
  return OPENAI_RESPONSES.readRequest(Buffer.from(body));
}

function tapOf(sse: string) {
  const tap = OPENAI_RESPONSES.createStreamTap(read('{"model":"m","input":"x"}'));
  const block = createEventFramer().push(Buffer.from(sse));
  return { tap, shown: (block && tap.see(block)?.toString()) ?? '' };
}

describe('a request that is passed through', () => {
  it('gives its facts', () => {
    const input = '[{"role":"user","content":[{"type":"input_image","image_url":"x"},{"type":"input_file"}]}]';
    expect(read(`{"model":"m","input":${input},"stream":true,"max_output_tokens":99}`)).toMatchObject({
      model: 'm',
      stream: true,
      wantsStreamUsage: true,
      choices: 1,
      maxOutputTokens: 99,
      mediaTokens: 5_600,
    });
  });

  it.each([
    ['{"input":"x"}', 'model'],
    ['{"model":"m"}', 'input'],
    ['{"model":"m","input":{}}', 'input'],
    ['{"model":"m","input":"x","stream":1}', 'stream'],
  ])('%s is refused by the path %s', (body, param) => {
    expect(() => read(body)).toThrow(expect.objectContaining({ code: 'invalid_field', param }));
  });

  it('that is not JSON or not UTF-8 is refused', () => {
    expect(() => read('{"model":')).toThrow(expect.objectContaining({ code: 'invalid_json' }));
    expect(() => OPENAI_RESPONSES.readRequest(Buffer.from('{"model":"\xff"}', 'latin1'))).toThrow(
      expect.objectContaining({ code: 'invalid_json' }),
    );
  });

  it('is the same bytes but for the declared edits', () => {
    const body = Buffer.from('{ "input" : "x", "n":1.0, "model":"m","max_output_tokens":500 }');
    const facts = OPENAI_RESPONSES.readRequest(body);
    const prepare = (known: object) => OPENAI_RESPONSES.prepareBody(body, facts, { ...PREPARED, ...known }).toString();
    expect(OPENAI_RESPONSES.prepareBody(body, facts, { ...PREPARED, model: 'm' })).toBe(body);
    expect(prepare({})).toBe('{ "input" : "x", "n":1.0, "model":"up","max_output_tokens":500 }');
    expect(prepare({ outputCap: 40 })).toContain('"max_output_tokens":40');
    // Less than 16 the API refuses.
    expect(prepare({ outputCap: 3 })).toContain('"max_output_tokens":16');
  });

  it('that says a thing twice cannot say two things', () => {
    const body = Buffer.from(
      '{"model":"m","input":"x","background":true,"background":false,"stream":true,"stream":false}',
    );
    const prepared = OPENAI_RESPONSES.prepareBody(body, OPENAI_RESPONSES.readRequest(body), PREPARED).toString();
    expect(prepared).toBe(
      '{"model":"up","input":"x","background":false,"background":false,"stream":false,"stream":false}',
    );
  });

  it.each([
    ['{"model":"m","input":"Hello","prompt_cache_key":"k"}', 'k'],
    ['{"model":"m","input":"Hello"}', '"Hello"'],
    [
      '{"model":"m","input":[{"role":"developer","content":"S"},{"role":"user","content":"A"},{"role":"user","content":"B"}]}',
      '{"role":"developer","content":"S"},{"role":"user","content":"A"}',
    ],
    ['{"model":"m","input":[]}', null],
  ])('%s belongs to the conversation %s', (text, key) => {
    const body = Buffer.from(text);
    const conversation = OPENAI_RESPONSES.readConversation(body, OPENAI_RESPONSES.readRequest(body));
    expect(conversation === null ? null : conversation.toString()).toBe(key);
  });

  it('is counted with its texts, calls, results and tools', async () => {
    const count = (body: object): Promise<number> => OPENAI_RESPONSES.countRequest(Buffer.from(JSON.stringify(body)));
    const short = await count({ model: 'm', input: 'one two three' });
    const long = await count({
      model: 'm',
      instructions: 'Be brief.',
      input: [
        { role: 'user', content: [{ type: 'input_text', text: 'one two three' }] },
        { type: 'function_call', name: 'f', arguments: '{"a":1}', call_id: 'c' },
        { type: 'function_call_output', call_id: 'c', output: 'a long result of many words' },
      ],
      tools: [{ type: 'function', name: 'f' }],
    });
    expect(short).toBeGreaterThanOrEqual(6);
    expect(long).toBeGreaterThan(short + 20);
  });
});

describe('the tap on a responses stream', () => {
  it('passes all of it on, and finds text, usage and end', () => {
    const sse = fixture('reasoning-and-tools', 'stream.sse');
    const { tap, shown } = tapOf(sse);
    expect(shown).toBe(sse);
    expect(tap).toMatchObject({ ended: true, finished: true, failed: false });
    expect(tap.usage).toMatchObject({ input: 144, cacheRead: 256, output: 56, reasoning: 64 });
    expect(tap.delivered()).toMatchObject({
      output: '{"city":"Paris","id":12345678901234567890}print(1)',
      reasoning: '**Weather**\nThe user wants it.Two places.',
    });
  });

  it('sees the end of an answer that was cut to length', () => {
    expect(tapOf(fixture('incomplete', 'stream.sse')).tap).toMatchObject({
      ended: true,
      usage: { input: 12, output: 16 },
    });
  });

  it('lets nothing through behind the end', () => {
    const sse = fixture('only-the-end', 'stream.sse');
    expect(sse).toContain('[DONE]');
    expect(tapOf(sse).shown).not.toContain('[DONE]');
  });

  it.each([
    ['data: {"type":"error","code":"server_error","message":"No."}\n\n'],
    ['data: {"error":{"message":"No."}}\n\n'],
    ['event: response.failed\ndata: {"type":"response.failed","response":{"error":{"message":"No."}}}\n\n'],
  ])('sees that %j failed and did not end', (sse) => {
    expect(tapOf(sse).tap).toMatchObject({ failed: true, ended: false });
  });

  it('is not misled by text that looks like an end', () => {
    const data = { type: 'response.output_text.delta', delta: '"type":"response.completed","error":{}' };
    const { tap } = tapOf(`data: ${JSON.stringify(data)}\n\n`);
    expect(tap).toMatchObject({ ended: false, failed: false });
    expect(tap.delivered().output).toBe(data.delta);
  });

  it('knows a stream that stops before its last event as unfinished', () => {
    const sse = fixture('text', 'stream.sse');
    expect(tapOf(sse.slice(0, sse.indexOf('event: response.completed'))).tap).toMatchObject({
      ended: false,
      finished: false,
    });
  });
});

test('a whole answer tells its usage and its text', () => {
  const { usage, delivered } = OPENAI_RESPONSES.readBody(Buffer.from(fixture('reasoning-and-tools', 'response.json')));
  expect(usage).toMatchObject({ input: 144, reasoning: 64 });
  expect(delivered.output).toContain('print(1)');
  expect(delivered.reasoning).toContain('Two places.');
  expect(OPENAI_RESPONSES.readBody(Buffer.from('{"out')).usage).toBeNull();
});

test('a stream that fails ends with the API’s two events', () => {
  const error = new GatewayError('upstream_timeout', { message: 'Too slow.' });
  const events = OPENAI_RESPONSES.encodeStreamError(error).toString();
  expect(events).toMatch(/^event: error\ndata: \{"type":"error".*\n\nevent: response\.failed\ndata: .*\n\n$/);
  expect(tapOf(events).tap).toMatchObject({ failed: true, ended: false });
});
