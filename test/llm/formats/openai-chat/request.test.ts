import { OPENAI_CHAT } from '@sluice/llm/formats/openai-chat/openai-chat';
import { PLAIN_BODY } from '@sluice/llm/upstreams/vendor';

function prepare(text: string, model = 'up', outputCap: number | null = null): string {
  const body = Buffer.from(text);
  const upstream = { model, outputCap, outputCapField: 'max_completion_tokens', body: PLAIN_BODY } as const;
  return OPENAI_CHAT.prepareBody(body, OPENAI_CHAT.readRequest(body), upstream).toString();
}

describe('preparing a chat request for its upstream', () => {
  it('returns the very same bytes when nothing has to change', () => {
    const body = Buffer.from('{"model":"up","messages":[{}]}');
    const upstream = { model: 'up', outputCap: null, outputCapField: 'max_tokens', body: PLAIN_BODY } as const;
    expect(OPENAI_CHAT.prepareBody(body, OPENAI_CHAT.readRequest(body), upstream)).toBe(body);
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

  it.each([
    ['in the field that the client named', '{"model":"up","messages":[{}],"max_tokens":900}', '"max_tokens":100}'],
    [
      'in both, where it named both',
      '{"model":"up","max_tokens":900,"messages":[{}],"max_completion_tokens":800}',
      '{"model":"up","max_tokens":100,"messages":[{}],"max_completion_tokens":100}',
    ],
    ["in the upstream's field, where it named none", '{"model":"up","messages":[{}]}', '"max_completion_tokens":100}'],
  ])('caps the answer %s', (_where, body, end) => {
    expect(prepare(body, 'up', 100)).toMatch(new RegExp(`${end.replaceAll(/[{}[\]]/g, String.raw`\$&`)}$`));
  });

  it('knows how long an answer the client wants, and what media it sends', () => {
    const read = (body: string) => OPENAI_CHAT.readRequest(Buffer.from(body));
    expect(read('{"model":"x","messages":[{}],"max_tokens":7,"max_completion_tokens":9}').maxOutputTokens).toBe(9);
    expect(read('{"model":"x","messages":[{}],"max_tokens":"many"}').maxOutputTokens).toBeNull();
    const image = '{"type":"image_url","image_url":{"url":"https://example.com/a.png"}}';
    expect(read(`{"model":"x","messages":[{"role":"user","content":[${image},${image}]}]}`).mediaTokens).toBe(3_200);
    expect(read('{"model":"x","messages":[{"role":"user","content":"\\"image_url\\""}]}').mediaTokens).toBe(0);
  });
});
