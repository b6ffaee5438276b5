import { isGatewayError } from '@sluice/kit/errors/gateway-error';
import { createEventFramer } from '@sluice/kit/stream/sse-framing';
import { createConvertedRequest, writeBody } from '@sluice/llm/convert/request';
import { createStreamConverter } from '@sluice/llm/convert/stream';
import type { JsonObject } from '@sluice/llm/neutral/json';
import {
  callOf,
  CLIENT_SIDES,
  clientOf,
  PAIRS,
  UPSTREAM_SIDES,
  type ClientSide,
  type Pair,
} from '../../support/pairs.ts';

const LEVELS = 100_000;

/** JSON text that is nested so deep that nobody meant it. */
const LISTS = '['.repeat(LEVELS) + ']'.repeat(LEVELS);
const OBJECTS = '{"a":'.repeat(LEVELS) + '1' + '}'.repeat(LEVELS);

/** A request's text in each language, with holes for what a hostile client writes there. */
interface Holes {
  content?: string;
  /** The arguments of a call, as JSON. */
  args?: string;
  schema?: string;
  result?: string;
  more?: string;
}

type Write = (holes: Holes) => string;

const SCHEMA = '{"type":"object","properties":{}}';
const quoted = (text: string): string => JSON.stringify(text);

const WRITE: Record<ClientSide['name'], Write> = {
  'openai-chat': ({ content = '"x"', args = '{}', schema = SCHEMA, result = '"r"', more = '' }) =>
    `{"model":"m",${more}"messages":[{"role":"user","content":${content}},{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":${quoted(args)}}}]},{"role":"tool","tool_call_id":"c1","content":${result}}],"tools":[{"type":"function","function":{"name":"f","parameters":${schema}}}]}`,
  'openai-responses': ({ content = '"x"', args = '{}', schema = SCHEMA, result = '"r"', more = '' }) =>
    `{"model":"m",${more}"input":[{"role":"user","content":${content}},{"type":"function_call","call_id":"c1","name":"f","arguments":${quoted(args)}},{"type":"function_call_output","call_id":"c1","output":${result}}],"tools":[{"type":"function","name":"f","parameters":${schema}}]}`,
  'anthropic-messages': ({ content = '"x"', args = '{}', schema = SCHEMA, result = '"r"', more = '' }) =>
    `{"model":"m","max_tokens":100,${more}"messages":[{"role":"user","content":${content}},{"role":"assistant","content":[{"type":"tool_use","id":"c1","name":"f","input":${args}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":${result}}]}],"tools":[{"name":"f","input_schema":${schema}}]}`,
  gemini: ({ content = '"x"', args = '{}', schema = SCHEMA, result = '"r"', more = '' }) =>
    `{${more}"contents":[{"role":"user","parts":[{"text":${content}}]},{"role":"model","parts":[{"functionCall":{"id":"c1","name":"f","args":${args}}}]},{"role":"user","parts":[{"functionResponse":{"id":"c1","name":"f","response":{"output":${result}}}}]}],"tools":[{"functionDeclarations":[{"name":"f","parametersJsonSchema":${schema}}]}]}`,
};

/** The body for the upstream, or the code of the error that the client gets; anything else fails the test. */
function encoded({ client, upstream }: Pair, body: string | Buffer): string {
  const request = createConvertedRequest({
    codec: client.codec,
    body: Buffer.from(body),
    client: clientOf(client, { model: 'm' }),
  });
  try {
    return writeBody(request.encodeFor(upstream.codec, callOf(upstream))).toString();
  } catch (error) {
    if (isGatewayError(error)) return `error ${error.code}`;
    throw error;
  }
}

const DEEP: readonly (readonly [string, Holes])[] = [
  ['content', { content: LISTS }],
  ['arguments', { args: OBJECTS }],
  ['a schema', { schema: OBJECTS }],
  ['a schema of lists', { schema: `{"type":"object","properties":{"a":{"anyOf":${LISTS}}}}` }],
  ['a result', { result: LISTS }],
  ['a member that nobody knows', { more: `"unheard":${OBJECTS},` }],
];

describe.each(PAIRS)('a hostile client of $client.name before $upstream.name', (pair) => {
  test.each(DEEP)(
    'gets a clear error or an answer where %s is nested a hundred thousand levels deep',
    (_place, holes) => {
      // Arguments are text to some languages and pass as such; what is an object is refused.
      expect(encoded(pair, WRITE[pair.client.name](holes))).toMatch(/^(?:error invalid_(?:json|field)|\{)/);
    },
  );

  test('has ten thousand messages converted', () => {
    const write = LONG[pair.client.name];
    const sent = encoded(pair, write(10_000));
    expect(sent).toContain('question 9999');
    expect(sent).toContain('question 0');
  });

  test('cannot reach a prototype by a key', () => {
    const evil = '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}';
    const schema = `{"type":"object","properties":{"__proto__":{"type":"string"}},"__proto__":{"polluted":true}}`;
    const more = '"__proto__":{"polluted":true,"model":"evil"},';
    const sent = encoded(pair, WRITE[pair.client.name]({ args: evil, schema, more }));
    expect(sent).toMatch(/^(?:error invalid_field|\{)/);
    expect(({} as JsonObject)['polluted']).toBeUndefined();
    expect(({} as JsonObject)['prototype']).toBeUndefined();
  });

  test('gets an error or a request of valid text for bytes that are not UTF-8', () => {
    const text = Buffer.from(WRITE[pair.client.name]({}));
    const at = text.indexOf('"x"') + 1;
    text[at] = 0xff;
    const sent = encoded(pair, text);
    expect(sent).toMatch(/^(?:error invalid_json|\{)/);
    expect(Buffer.from(sent).toString()).toBe(sent);
  });
});

const LONG: Record<ClientSide['name'], (count: number) => string> = {
  'openai-chat': (count) =>
    JSON.stringify({ model: 'm', messages: turns(count, 'assistant', (content) => ({ content })) }),
  'openai-responses': (count) =>
    JSON.stringify({ model: 'm', input: turns(count, 'assistant', (content) => ({ content })) }),
  'anthropic-messages': (count) =>
    JSON.stringify({ model: 'm', max_tokens: 9, messages: turns(count, 'assistant', (content) => ({ content })) }),
  gemini: (count) => JSON.stringify({ contents: turns(count, 'model', (text) => ({ parts: [{ text }] })) }),
};

function turns(count: number, model: string, say: (text: string) => JsonObject): JsonObject[] {
  return Array.from({ length: count + 1 }, (_none, index) => ({
    role: index % 2 === 0 ? 'user' : model,
    ...say(`${index % 2 === 0 ? 'question' : 'answer'} ${index === count ? count - 1 : index}`),
  }));
}

/** Streams that no upstream should send, in the shape of each language's deltas. */
const DELTA: Record<(typeof UPSTREAM_SIDES)[number]['name'], (json: string) => string> = {
  'openai-chat': (json) => `data: {"choices":[{"index":0,"delta":{"content":${json}}}]}\n\n`,
  'openai-responses': (json) =>
    `event: response.output_text.delta\ndata: {"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":${json}}\n\n`,
  'anthropic-messages': (json) =>
    `event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":${json}}}\n\n`,
  gemini: (json) => `data: {"candidates":[{"index":0,"content":{"parts":[{"text":${json}}]}}]}\n\n`,
  'bedrock-converse': (json) => `event: contentBlockDelta\ndata: {"contentBlockIndex":0,"delta":{"text":${json}}}\n\n`,
};

/** A call whose arguments are an object, in the languages that tell it so. */
const CALL: Partial<Record<keyof typeof DELTA, string>> = {
  'openai-chat': `data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":${OBJECTS}}}]}}]}\n\n`,
  'openai-responses': `data: {"type":"response.output_item.done","output_index":0,"item":{"type":"function_call","call_id":"a","name":"f","arguments":${OBJECTS}}}\n\n`,
  'anthropic-messages': `data: {"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"a","name":"f","input":${OBJECTS}}}\n\n`,
  gemini: `data: {"candidates":[{"index":0,"content":{"parts":[{"functionCall":{"name":"f","args":${OBJECTS}}}]},"finishReason":"STOP"}]}\n\n`,
  'bedrock-converse': `event: contentBlockStart\ndata: {"contentBlockIndex":0,"start":{"toolUse":{"toolUseId":"a","name":"f","input":${OBJECTS}}}}\n\n`,
};

describe.each(PAIRS)('a hostile upstream of $upstream.name before a client of $client.name', ({ client, upstream }) => {
  const through = (bytes: Buffer): { sent: number; failed: boolean } => {
    const converter = createStreamConverter({
      decoder: upstream.codec.createStreamDecoder(callOf(upstream)),
      encoder: client.codec.createStreamEncoder(clientOf(client)),
    });
    const framer = createEventFramer();
    let sent = 0;
    for (let at = 0; at < bytes.length; at += 65_536) {
      const block = framer.push(bytes.subarray(at, at + 65_536));
      sent += (block && converter.see(block)?.length) ?? 0;
    }
    sent += converter.close()?.length ?? 0;
    return { sent, failed: converter.failed };
  };

  test('may send a line of ten megabytes', () => {
    const before = process.memoryUsage().rss;
    const { sent } = through(Buffer.from(DELTA[upstream.name](`"${'x'.repeat(10_000_000)}"`)));
    expect(sent).toBeLessThan(31_000_000);
    // The line, its text and what is written of it: no more than a small multiple stays.
    expect(process.memoryUsage().rss - before).toBeLessThan(400_000_000);
  });

  test('may nest an event a hundred thousand levels deep, or send what is no text', () => {
    expect(() => through(Buffer.from(DELTA[upstream.name](LISTS)))).not.toThrow();
    expect(() => through(Buffer.from(DELTA[upstream.name](OBJECTS)))).not.toThrow();
    expect(() => through(Buffer.from(CALL[upstream.name] ?? ''))).not.toThrow();
    const broken = Buffer.from(DELTA[upstream.name]('"x"').repeat(3));
    broken[broken.indexOf('"x"') + 1] = 0xff;
    expect(() => through(broken)).not.toThrow();
  });
});

test('an event that never ends is cut off at a bound', () => {
  const framer = createEventFramer({ maxEventBytes: 1_000_000 });
  const line = Buffer.alloc(65_536, 'x');
  expect(() => {
    for (let count = 0; count < 100; count += 1) framer.push(line);
  }).toThrow(RangeError);
});

test('every language is tried', () => {
  expect(CLIENT_SIDES.map(({ name }) => name)).toEqual(Object.keys(WRITE));
});
