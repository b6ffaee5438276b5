import { OPENAI_CHAT } from '@sluice/llm/formats/openai-chat/openai-chat';

function prepare(text: string, upstreamModel = 'up'): string {
  const body = Buffer.from(text);
  return OPENAI_CHAT.prepareBody(body, OPENAI_CHAT.readRequest(body), upstreamModel).toString();
}

describe('preparing a chat request for its upstream', () => {
  it('returns the very same bytes when nothing has to change', () => {
    const body = Buffer.from('{"model":"up","messages":[{}]}');
    expect(OPENAI_CHAT.prepareBody(body, OPENAI_CHAT.readRequest(body), 'up')).toBe(body);
  });

  it.each([
    ['the model', '{"messages":[{}],"model":"x" ,"n":1}', '{"messages":[{}],"model":"up" ,"n":1}'],
    [
      'a missing usage option of a stream',
      '{"model":"up","messages":[{}],"stream":true}',
      '{"model":"up","messages":[{}],"stream":true,"stream_options":{"include_usage":true}}',
    ],
    [
      'a usage option that says no',
      '{"model":"up","messages":[{}],"stream":true,"stream_options":{ "include_usage" : false,"a":1}}',
      '{"model":"up","messages":[{}],"stream":true,"stream_options":{ "include_usage" : true,"a":1}}',
    ],
    [
      'stream options of null',
      '{"model":"up","stream_options":null,"messages":[{}],"stream":true}',
      '{"model":"up","stream_options":{"include_usage":true},"messages":[{}],"stream":true}',
    ],
  ])('changes %s and nothing else', (_title, before, after) => {
    expect(prepare(before)).toBe(after);
  });

  it('leaves no second model for an upstream that reads the first of two equal keys', () => {
    expect(prepare('{"model":"forbidden","messages":[{}],"model":"up"}')).toBe(
      '{"model":"up","messages":[{}],"model":"up"}',
    );
    expect(prepare('{"stream":false,"model":"up","messages":[{}],"stream":true}')).toContain('{"stream":true,');
  });

  it('writes a model’s name as JSON', () => {
    expect(JSON.parse(prepare('{"model":"x","messages":[{}]}', 'odd "name"\n'))).toMatchObject({
      model: 'odd "name"\n',
    });
  });
});

describe('counting tokens', () => {
  it('counts what a text is made of, special tokens as text', async () => {
    expect(await OPENAI_CHAT.countText('')).toBe(0);
    expect(await OPENAI_CHAT.countText('one two three')).toBe(3);
    expect(await OPENAI_CHAT.countText('<|endoftext|>')).toBeGreaterThan(1);
  });

  it('counts messages, parts, names and tools of a request', async () => {
    const count = (request: object): Promise<number> => OPENAI_CHAT.countRequest(Buffer.from(JSON.stringify(request)));
    expect(await count({ messages: [{ role: 'user', content: 'one two three' }] })).toBe(10);
    const parts = [
      { type: 'text', text: 'one two three' },
      { type: 'image_url', image_url: { url: 'data:' } },
    ];
    expect(await count({ messages: [{ role: 'user', content: parts }] })).toBe(10);
    expect(await count({ messages: [{ role: 'user', name: 'ann', content: null }, null, 5] })).toBe(9);
    expect(await count({ messages: [], tools: [{ type: 'function' }] })).toBeGreaterThan(3);
  });

  it('takes long texts in bounded time by counting a part of them', async () => {
    const tokens = await OPENAI_CHAT.countText('one two '.repeat(200_000));
    expect(tokens).toBeGreaterThan(300_000);
    expect(tokens).toBeLessThan(500_000);
  });
});

describe('errors', () => {
  it.each([
    ['{"error":{"message":"no"}}', 'no'],
    ['{"error":"no"}', 'no'],
    ['{"detail":"no"}', 'no'],
    ['{"message":"no"}', 'no'],
    ['{"detail":[{"loc":1}]}', null],
    ['<html>', null],
    ['null', null],
    ['', null],
  ])('of upstreams are read from %j', (body, message) => {
    expect(OPENAI_CHAT.decodeErrorMessage(Buffer.from(body))).toBe(message);
  });
});
