import { OPENAI_RESPONSES_CODEC } from '@sluice/llm/formats/openai-responses/codec';
import { encodeResponse } from '@sluice/llm/formats/openai-responses/encode-response';
import {
  expandBody,
  expandStored,
  readStored,
  referencedResponses,
  resolveReferences,
} from '@sluice/llm/formats/openai-responses/expand-stored';
import type { Json, JsonObject } from '@sluice/llm/neutral/json';
import type { NeutralRequest } from '@sluice/llm/neutral/request';
import type { CallContext } from '@sluice/llm/formats/codec';
import { scanObject } from '@sluice/kit/json/members';
import { parseExact } from '@sluice/kit/json/parse-exact';
import { aCall, aClient, CARRIERS, collectWarnings } from '../../../support/formats.ts';

const FORMAT = 'openai-responses';
const { encodeRequest, decodeRequest } = OPENAI_RESPONSES_CODEC;

function decode(body: JsonObject) {
  const { warnings, warn } = collectWarnings();
  return { request: decodeRequest({ model: 'm', ...body }, aClient({ warn })), warnings };
}

function encode(request: NeutralRequest, known: Partial<CallContext> = {}) {
  const { warnings, warn } = collectWarnings();
  return { body: encodeRequest(request, aCall(FORMAT, { warn, ...known })), warnings };
}

const PLAIN = decode({ input: 'Hi' }).request;
/** As if another format's client had asked. */
const foreign = (known: Partial<NeutralRequest>): NeutralRequest => ({
  ...PLAIN,
  extras: { format: 'anthropic-messages', members: {} },
  ...known,
});

test.each([
  [{ input: 'x', background: true }, 'background'],
  [{}, 'input'],
  [{ input: 5 }, 'input'],
  [{ input: [{ type: 'item_reference', id: 'msg_1' }] }, 'input[0]'],
  [{ input: [{ id: 'msg_1' }] }, 'input[0]'],
  [{ input: [{ type: 'hologram' }] }, 'input[0].type'],
  [{ input: [{ role: 'robot', content: 'x' }] }, 'input[0].role'],
  [{ input: [{ role: 'user', content: [{ type: 'input_text', text: 5 }] }] }, 'input[0].content[0].text'],
  [{ input: [{ role: 'user', content: [{ type: 'input_video' }] }] }, 'input[0].content[0].type'],
  [{ input: [{ role: 'user', content: [{ type: 'input_image' }] }] }, 'input[0].content[0]'],
  [
    { input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'data:image/png;base64,%%%' }] }] },
    'input[0].content[0].image_url',
  ],
  [{ input: [{ type: 'function_call_output', output: 'x' }] }, 'input[0].call_id'],
  [{ input: [{ type: 'function_call', call_id: 'c' }] }, 'input[0].name'],
  [{ input: 'x', tools: [{ type: 'function', name: 5 }] }, 'tools[0].name'],
  [{ input: 'x', tools: [{ type: 'namespace', name: 'n', tools: [{ type: 'function' }] }] }, 'tools[0].tools[0].name'],
  [{ input: 'x', tool_choice: 'sometimes' }, 'tool_choice'],
  [{ input: 'x', reasoning: { effort: 'enormous' } }, 'reasoning.effort'],
  [{ input: 'x', text: { format: { type: 'xml' } } }, 'text.format.type'],
  [{ input: 'x', max_output_tokens: 0 }, 'max_output_tokens'],
  [{ input: 'x', metadata: { a: 5 } }, 'metadata.a'],
  [{ input: 'x', stream: 'yes' }, 'stream'],
])('%j is refused by the path %s', (body, param) => {
  expect(() => decode(body as JsonObject)).toThrow(expect.objectContaining({ code: 'invalid_field', param }));
});

test('numbers that a client wrote as 1.0 are numbers', () => {
  const body = parseExact('{"model":"m","input":"x","temperature":1.0,"max_output_tokens":20}') as JsonObject;
  expect(decodeRequest(body, aClient())).toMatchObject({ sampling: { temperature: 1 }, maxOutputTokens: 20 });
});

test('items of one turn are one message of the assistant, and a user’s message ends it', () => {
  const call = (id: string) => ({ type: 'function_call', call_id: id, name: 'f', arguments: '{}' });
  const { request } = decode({
    input: [
      { role: 'assistant', content: 'A' },
      call('1'),
      call('2'),
      { type: 'function_call_output', call_id: '2', output: 'two' },
      { type: 'function_call_output', call_id: '1', output: 'one' },
      call('3'),
      { role: 'user', content: 'B' },
      { role: 'assistant', content: [{ type: 'refusal', refusal: 'No.' }] },
    ],
  });
  expect(request.messages.map(({ role, content }) => [role, ...content.map(({ type }) => type)])).toEqual([
    ['assistant', 'text', 'tool-call', 'tool-call'],
    ['user', 'tool-result', 'tool-result'],
    ['assistant', 'tool-call'],
    ['user', 'text'],
    ['assistant', 'refusal'],
  ]);
});

test('empty texts and messages are left out', () => {
  const { request } = decode({
    input: [
      { role: 'user', content: '' },
      { role: 'user', content: [{ type: 'input_text', text: '' }] },
      { role: 'user', content: 'x' },
    ],
  });
  expect(request.messages).toHaveLength(1);
});

test('arguments keep their text, big numbers and broken JSON among it; none are `{}`', () => {
  const given = ['{"n":12345678901234567890,"f":1.0}', '{"broken":', '', undefined];
  const { request } = decode({
    input: given.map((text, index) => ({
      type: 'function_call',
      call_id: `c${index}`,
      name: 'f',
      arguments: text ?? null,
    })),
  });
  const texts = request.messages[0]?.content.map((part) => (part.type === 'tool-call' ? part.arguments : null));
  expect(texts).toEqual([given[0], given[1], '{}', '{}']);
});

test('a failed tool is told in words upstream, and read as failed when it comes back', () => {
  const result = { type: 'tool-result', callId: 'c', name: 'f', content: [{ type: 'text', text: 'no file' }] } as const;
  const { body } = encode(
    foreign({
      messages: [
        { role: 'assistant', content: [{ type: 'tool-call', id: 'c', name: 'f', arguments: '{}' }] },
        { role: 'user', content: [{ ...result, content: [...result.content], isError: true }] },
      ],
    }),
  );
  const { request } = decode(body);
  expect(request.messages[1]?.content[0]).toEqual({ ...result, isError: true });
});

test('reasoning goes back to where it came from, byte for byte, and nowhere else', () => {
  const carrier = { origin: `${FORMAT}@there`, kind: 'encrypted', data: 'gAAAA+/=', id: 'rs_1' } as const;
  const ours = CARRIERS.seal(carrier);
  const item = { type: 'reasoning', id: 'rs_x', summary: [{ type: 'summary_text', text: 'T' }] };
  const { request } = decode({
    input: [
      { ...item, encrypted_content: ours },
      { role: 'assistant', content: 'A' },
    ],
  });
  expect(encode(request).body['input']).toMatchObject([
    { type: 'reasoning', id: 'rs_1', encrypted_content: carrier.data, summary: [{ type: 'summary_text', text: 'T' }] },
    { type: 'message' },
  ]);
  const elsewhere = encode(request, { origin: `${FORMAT}@elsewhere` });
  expect(elsewhere.body['input']).toMatchObject([{ type: 'message', role: 'assistant' }]);
  expect(elsewhere.warnings).toEqual(['foreign-reasoning messages.reasoning']);
});

test('a client’s native reasoning goes to any upstream of its format', () => {
  const { request } = decode({ input: [{ type: 'reasoning', id: 'rs', summary: [], encrypted_content: 'gAAA' }] });
  expect(encode(request).body['input']).toEqual([
    { type: 'reasoning', id: 'rs', summary: [], encrypted_content: 'gAAA' },
  ]);
});

test('an envelope that was changed is left out with a warning', () => {
  const sealed = CARRIERS.seal({ origin: 'a@b', kind: 'signature', data: 'x' });
  const forged = `${sealed.slice(0, -2)}AA`;
  const { request, warnings } = decode({ input: [{ type: 'reasoning', summary: [], encrypted_content: forged }] });
  expect(request.messages).toEqual([]);
  expect(warnings).toEqual(['forged-carrier input[0].encrypted_content']);
});

test('signatures of calls and texts come back to what they belong to, before it or behind it', () => {
  const carrier = { origin: 'gemini@g', kind: 'signature', data: 'c2ln' } as const;
  const item = (id: string) => ({
    type: 'reasoning',
    summary: [],
    encrypted_content: CARRIERS.seal({ ...carrier, id }),
  });
  const call = (id: string) => ({ type: 'function_call', call_id: id, name: 'f', arguments: '{}' });
  const { request } = decode({
    input: [
      { role: 'assistant', content: 'A' },
      item('of-text'),
      item('of-call:1'),
      call('1'),
      call('2'),
      item('of-call:2'),
    ],
  });
  expect(request.messages[0]?.content).toMatchObject([
    { type: 'text', carrier },
    { type: 'tool-call', id: '1', carrier },
    { type: 'tool-call', id: '2', carrier },
  ]);
});

test('a tool that is declared twice stands once, and tools that come in the input count', () => {
  const tool = { type: 'function', name: 'f', parameters: {} };
  const { request, warnings } = decode({
    tools: [tool, tool],
    input: [
      { type: 'additional_tools', role: 'developer', tools: [{ ...tool, name: 'g' }] },
      { role: 'user', content: 'x' },
    ],
  });
  expect(request.tools.map((entry) => 'name' in entry && entry.name)).toEqual(['f', 'g']);
  expect(warnings).toEqual(['repaired tools.f']);
});

test('a choice of a tool that only this API has stays for upstreams of the API', () => {
  const { request } = decode({
    input: 'x',
    tools: [{ type: 'image_generation' }],
    tool_choice: { type: 'image_generation' },
  });
  expect(request.toolChoice).toBeNull();
  expect(encode(request).body).toMatchObject({ tool_choice: { type: 'image_generation' } });
});

test('what a client of another format asks for is said in this API’s words', () => {
  const { body, warnings } = encode(
    foreign({
      messages: [
        { role: 'system', as: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
        { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
      ],
      tools: [{ type: 'function', name: 'f', description: null, parameters: null, strict: null }],
      toolChoice: { type: 'tool', name: 'f' },
      parallelToolCalls: false,
      maxOutputTokens: 5,
      sampling: { ...PLAIN.sampling, temperature: 0.3, topK: 5, stop: ['X'] },
      reasoning: { enabled: true, effort: null, budgetTokens: 10_000, show: null, summary: null },
    }),
  );
  expect(body).toEqual({
    model: 'upstream-model',
    instructions: 'Be brief.',
    input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] }],
    tools: [{ type: 'function', name: 'f', parameters: { type: 'object', properties: {} }, strict: false }],
    tool_choice: { type: 'function', name: 'f' },
    parallel_tool_calls: false,
    max_output_tokens: 16,
    temperature: 0.3,
    reasoning: { effort: 'medium', summary: 'auto' },
    store: false,
    include: ['reasoning.encrypted_content'],
  });
  expect(warnings).toEqual([
    'clamped max_output_tokens',
    'dropped top_k',
    'dropped stop',
    'approximated reasoning.budget_tokens',
  ]);
});

test('without tools there is neither a choice nor a word about parallel calls', () => {
  const { body } = encode(foreign({ toolChoice: { type: 'auto' }, parallelToolCalls: true }));
  expect(body).not.toHaveProperty('tool_choice');
  expect(body).not.toHaveProperty('parallel_tool_calls');
});

test.each([
  [{ choices: 2 }, 'n'],
  [{ modalities: ['text', 'audio'] }, 'modalities'],
])('%j is refused: the API cannot answer it', (known, param) => {
  expect(() => encode(foreign(known))).toThrow(expect.objectContaining({ code: 'invalid_field', param }));
});

test('a hard limit caps the answer, and a client’s smaller wish stays', () => {
  expect(encode(foreign({ maxOutputTokens: 100 }), { outputCap: 50 }).body).toMatchObject({ max_output_tokens: 50 });
  expect(encode(foreign({ maxOutputTokens: 40 }), { outputCap: 50 }).body).toMatchObject({ max_output_tokens: 40 });
  expect(encode(foreign({}), { outputCap: 50 }).body).toMatchObject({ max_output_tokens: 50 });
  expect(encode(foreign({})).body).not.toHaveProperty('max_output_tokens');
});

test('long ids of calls are shortened alike in call and result; results of custom tools have items of their own', () => {
  const id = `toolu_${'x'.repeat(90)}`;
  const { body } = encode(
    foreign({
      messages: [
        {
          role: 'assistant',
          content: [
            { type: 'tool-call', id, name: 'f', arguments: '{}' },
            { type: 'tool-call', id: 'c2', name: 'run', arguments: 'ls', custom: true },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool-result', callId: id, name: 'f', content: [], isError: false },
            { type: 'tool-result', callId: 'c2', name: 'run', content: [{ type: 'text', text: 'a' }], isError: false },
          ],
        },
      ],
    }),
  );
  const items = body['input'] as JsonObject[];
  expect(items.map(({ type }) => type)).toEqual([
    'function_call',
    'custom_tool_call',
    'function_call_output',
    'custom_tool_call_output',
  ]);
  expect(String(items[0]?.['call_id'])).toMatch(/^toolu_x+_.{8}$/);
  expect(String(items[0]?.['call_id']).length).toBeLessThanOrEqual(64);
  expect(items[0]?.['call_id']).toBe(items[2]?.['call_id']);
  expect(items[2]?.['output']).toBe('');
});

test('what only the client’s own format knows is refused or left out by the policy', () => {
  const { request } = decode({ input: 'x', previous_response_id: 'resp_1', client_metadata: {}, max_tool_calls: 2 });
  expect(encode(request).body).toMatchObject({
    previous_response_id: 'resp_1',
    client_metadata: {},
    max_tool_calls: 2,
  });
  const { warnings, body } = encode(
    foreign({ extras: { format: 'anthropic-messages', members: { context_management: {}, surprise: 1 } } }),
  );
  expect(warnings).toEqual(['vendor-only context_management', 'dropped surprise']);
  expect(body).not.toHaveProperty('surprise');
});

test('a stored conversation goes on with what is new', () => {
  const previous: Json[] = [
    { role: 'user', content: 'A' },
    { type: 'message', role: 'assistant', content: [] },
  ];
  expect(expandStored(previous, 'B')).toEqual([...previous, { type: 'message', role: 'user', content: 'B' }]);
  expect(expandStored(previous, [{ role: 'user', content: 'C' }])).toHaveLength(3);
  expect(expandStored(previous, undefined)).toEqual(previous);
});

test('a body goes on from stored items, its own bytes untouched and the reference gone', () => {
  const previous: Json[] = [{ role: 'user', content: 'A' }];
  const expand = (text: string): string => {
    const body = Buffer.from(text);
    return expandBody(body, { scan: scanObject(body) }, previous).toString();
  };
  expect(expand('{"input":[ {"n":1.0} ],"previous_response_id":"r"}')).toBe(
    '{"input":[{"role":"user","content":"A"}, {"n":1.0} ],"previous_response_id":null}',
  );
  expect(expand('{"input":"B","previous_response_id":"r"}')).toBe(
    '{"input":[{"role":"user","content":"A"},{"type":"message","role":"user","content":"B"}],"previous_response_id":null}',
  );
  expect(expand('{"previous_response_id":"r","input":[ ]}')).toBe(
    '{"previous_response_id":null,"input":[{"role":"user","content":"A"} ]}',
  );
});

test('responses are kept unless the client says no', () => {
  const read = (text: string) => readStored(Buffer.from(text), { scan: scanObject(Buffer.from(text)) });
  expect(read('{}')).toEqual({ previous: null, keeps: true });
  expect(read('{"store":false,"previous_response_id":"resp_1"}')).toEqual({ previous: 'resp_1', keeps: false });
  expect(() => read('{"previous_response_id":5}')).toThrow(expect.objectContaining({ param: 'previous_response_id' }));
  expect(() => read('{"store":"no"}')).toThrow(expect.objectContaining({ param: 'store' }));
});

test('references to items of ours are found and filled in, and others stay', () => {
  const call = { type: 'function_call', id: 'fc_01kabcdefgh23456_1', call_id: 'c', name: 'f', arguments: '{}' };
  const theirs = { type: 'item_reference', id: 'msg_68abc' };
  const lost = { id: 'rs_01kabcdefgh23456_7' };
  const input: Json[] = [{ role: 'user', content: 'x' }, { type: 'item_reference', id: call.id }, theirs, lost];
  expect(referencedResponses(input)).toEqual(['resp_01kabcdefgh23456']);
  expect(resolveReferences(input, [call])).toEqual([input[0], call, theirs, lost]);
  // The ids that answers give are the ones that are known again.
  const items = encodeResponse(
    {
      id: '',
      model: '',
      choices: [{ content: [{ type: 'text', text: 'A' }], finish: { reason: 'stop', stopSequence: null } }],
      usage: null,
      serviceTier: null,
    },
    aClient({ requestId: '01kabcdefgh23456' }),
  )['output'] as JsonObject[];
  expect(referencedResponses(items.map(({ id }) => ({ type: 'item_reference', id: id ?? null })))).toHaveLength(1);
});
