import { ANTHROPIC_MESSAGES_CODEC as anthropic } from '@sluice/llm/formats/anthropic-messages/codec';
import type { CallContext } from '@sluice/llm/formats/codec';
import type { ModelFeatures } from '@sluice/llm/formats/model-features';
import { OPENAI_CHAT_CODEC as chat } from '@sluice/llm/formats/openai-chat/codec';
import type { JsonObject } from '@sluice/llm/neutral/json';
import { aCall, aClient, CARRIERS, collectWarnings } from '../../../support/formats.ts';

/** What an Anthropic upstream is sent for a request of a chat client. */
function send(members: JsonObject, features: Partial<ModelFeatures> = {}, known: Partial<CallContext> = {}) {
  const { warn, warnings } = collectWarnings();
  const call = aCall('anthropic-messages', { ...known, warn });
  call.features = { ...call.features, ...features };
  const body: JsonObject = { model: 'm', messages: [{ role: 'user', content: 'hi' }], ...members };
  const wire = anthropic.encodeRequest(chat.decodeRequest(body, aClient({ warn })), call);
  return { wire, warnings, messages: wire['messages'] as JsonObject[], call };
}

const call = (id: string, name = 'f', args = '{}'): JsonObject => ({
  id,
  type: 'function',
  function: { name, arguments: args },
});
const contentOf = (message: JsonObject | undefined): JsonObject[] => (message?.['content'] ?? []) as JsonObject[];
const TOOL = { type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } };

describe('a chat client over an Anthropic upstream', () => {
  test('has its leading instructions as the system prompt and later ones where they stand', () => {
    const { wire, messages, warnings } = send({
      messages: [
        { role: 'system', content: 'A' },
        { role: 'developer', content: [{ type: 'text', text: 'B', cache_control: { type: 'ephemeral', ttl: '1h' } }] },
        { role: 'user', content: 'one' },
        { role: 'system', content: 'C' },
        { role: 'user', content: 'two' },
      ],
    });
    expect(wire['system']).toEqual([
      { type: 'text', text: 'A' },
      { type: 'text', text: 'B', cache_control: { type: 'ephemeral', ttl: '1h' } },
    ]);
    expect(messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'one' },
          { type: 'text', text: '<system-reminder>\nC\n</system-reminder>' },
          { type: 'text', text: 'two' },
        ],
      },
    ]);
    expect(warnings).toEqual(['approximated messages[].role']);
  });

  test('may say nothing but instructions', () => {
    const { wire, messages } = send({ messages: [{ role: 'system', content: 'Write a poem.' }] });
    expect(wire['system']).toEqual([{ type: 'text', text: 'Write a poem.' }]);
    expect(messages).toEqual([{ role: 'user', content: 'Begin.' }]);
  });

  test.each([
    ['an empty text', ''],
    ['white space', ' \n'],
    ['null', null],
    ['an empty part', [{ type: 'text', text: '' }]],
  ])('may send a message of %s, which is left out', (_name, content) => {
    const { messages } = send({
      messages: [
        { role: 'user', content: 'one' },
        { role: 'assistant', content },
        { role: 'user', content },
        { role: 'user', content: 'two' },
      ],
    });
    expect(messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'one' },
          { type: 'text', text: 'two' },
        ],
      },
    ]);
  });

  test('has the results of parallel calls in one message, in the order of the calls', () => {
    const { messages, warnings } = send({
      messages: [
        { role: 'user', content: 'go' },
        { role: 'assistant', content: null, tool_calls: [call('a', 'f', '{"x":1}'), call('b', 'g', '')] },
        { role: 'tool', tool_call_id: 'b', content: 'two' },
        { role: 'tool', tool_call_id: 'a', content: [{ type: 'text', text: 'one' }] },
        { role: 'user', content: 'thanks' },
      ],
    });
    expect(messages.slice(1)).toEqual([
      {
        role: 'assistant',
        content: [
          { type: 'tool_use', id: 'a', name: 'f', input: { x: 1 } },
          { type: 'tool_use', id: 'b', name: 'g', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'a', content: 'one' },
          { type: 'tool_result', tool_use_id: 'b', content: 'two' },
          { type: 'text', text: 'thanks' },
        ],
      },
    ]);
    expect(warnings).toEqual(['repaired messages']);
  });

  test('may speak the legacy of functions', () => {
    const { wire, messages } = send({
      functions: [{ name: 'f', parameters: { type: 'object', properties: {} } }],
      function_call: { name: 'f' },
      messages: [
        { role: 'user', content: 'go' },
        { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{"x":1}' } },
        { role: 'function', name: 'f', content: 'one' },
      ],
    });
    expect(wire['tools']).toEqual([{ name: 'f', input_schema: { type: 'object', properties: {} } }]);
    expect(wire['tool_choice']).toEqual({ type: 'tool', name: 'f' });
    const [used] = contentOf(messages[1]);
    const [result] = contentOf(messages[2]);
    expect(used).toMatchObject({ type: 'tool_use', name: 'f', input: { x: 1 } });
    expect(result).toEqual({ type: 'tool_result', tool_use_id: used?.['id'], content: 'one' });
  });

  test.each([
    ['not JSON', '{"x":', { arguments: '{"x":' }],
    ['no object', '[1]', { arguments: [1] }],
    ['empty', '', {}],
  ])('may send arguments that are %s', (_name, args, input) => {
    const { messages } = send({
      messages: [
        { role: 'user', content: 'go' },
        { role: 'assistant', tool_calls: [call('a', 'f', args)] },
        { role: 'tool', tool_call_id: 'a', content: 'one' },
      ],
    });
    expect(messages[1]?.['content']).toEqual([{ type: 'tool_use', id: 'a', name: 'f', input }]);
  });

  test('has call ids that the upstream takes, the same for call and result', () => {
    const { messages } = send({
      messages: [
        { role: 'user', content: 'go' },
        { role: 'assistant', tool_calls: [call('functions.f:0')] },
        { role: 'tool', tool_call_id: 'functions.f:0', content: 'one' },
      ],
    });
    const [used] = contentOf(messages[1]);
    const [result] = contentOf(messages[2]);
    expect(used?.['id']).toMatch(/^[a-zA-Z0-9_-]+$/);
    expect(result?.['tool_use_id']).toBe(used?.['id']);
  });

  test.each<[JsonObject, Partial<ModelFeatures>, JsonObject, string[]]>([
    [{ temperature: 1.7 }, {}, { temperature: 1 }, ['clamped temperature']],
    [{ temperature: 0.5, top_p: 0.9 }, {}, { temperature: 0.5 }, ['dropped top_p']],
    [{ temperature: 0.5 }, { sampling: false }, {}, ['dropped temperature']],
    [{ top_k: 5, stop: 'END' }, {}, { top_k: 5, stop_sequences: ['END'] }, []],
    [{ stop: ['END', ' \n'] }, {}, { stop_sequences: ['END'] }, ['dropped stop']],
    [{ seed: 1, logit_bias: {}, n: 1 }, {}, {}, ['dropped seed', 'dropped logit_bias']],
    [
      { presence_penalty: 0.5, frequency_penalty: 0, logprobs: true },
      {},
      {},
      ['dropped presence_penalty', 'dropped logprobs'],
    ],
    [{ user: 'u', metadata: { a: 'b' } }, {}, { metadata: { user_id: 'u' } }, ['dropped metadata']],
    [{ service_tier: 'flex' }, {}, {}, ['dropped service_tier']],
    [{ service_tier: 'default' }, {}, { service_tier: 'standard_only' }, []],
    [{ store: true, prompt_cache_key: 'k' }, {}, {}, ['vendor-only prompt_cache_key', 'vendor-only store']],
    [{ parallel_tool_calls: false }, {}, {}, []],
    [
      { parallel_tool_calls: false, tools: [TOOL] },
      {},
      { tool_choice: { type: 'auto', disable_parallel_tool_use: true } },
      [],
    ],
    [{ tools: [TOOL], tool_choice: 'required' }, {}, { tool_choice: { type: 'any' } }, []],
    [{ reasoning_effort: 'none' }, {}, { thinking: { type: 'disabled' } }, []],
    [
      { reasoning_effort: 'high', max_completion_tokens: 20_000, max_tokens: 5 },
      {},
      { thinking: { type: 'enabled', budget_tokens: 16_384 }, max_tokens: 20_000 },
      [],
    ],
    [
      { reasoning_effort: 'high', max_tokens: 3_000 },
      {},
      { thinking: { type: 'enabled', budget_tokens: 2_999 }, max_tokens: 3_000 },
      ['clamped reasoning'],
    ],
    [
      { reasoning_effort: 'high', max_tokens: 500 },
      {},
      { thinking: { type: 'disabled' }, max_tokens: 500 },
      ['clamped reasoning'],
    ],
    [
      { reasoning_effort: 'high', temperature: 0.2, top_p: 0.99 },
      {},
      { thinking: { type: 'enabled', budget_tokens: 16_384 }, max_tokens: 24_576, top_p: 0.99 },
      ['dropped temperature'],
    ],
    [
      { reasoning_effort: 'minimal' },
      { reasoning: 'adaptive' },
      { thinking: { type: 'adaptive' }, output_config: { effort: 'low' } },
      ['clamped reasoning'],
    ],
    [{ reasoning_effort: 'high' }, { reasoning: 'effort' }, { output_config: { effort: 'high' } }, []],
    [{ reasoning_effort: 'high' }, { reasoning: 'none' }, {}, ['dropped reasoning']],
    [
      { reasoning_effort: 'low', tools: [TOOL], tool_choice: 'required' },
      {},
      { thinking: { type: 'disabled' }, tool_choice: { type: 'any' } },
      ['dropped reasoning'],
    ],
    [{ max_tokens: 100_000 }, { maxOutputTokens: 64_000 }, { max_tokens: 64_000 }, ['clamped max_tokens']],
    [{ max_tokens: 100_000 }, {}, { max_tokens: 100_000 }, []],
  ])('says %j under %j', (members, features, expected, expectedWarnings) => {
    const { wire, warnings } = send(members, features);
    const { model: _model, messages: _messages, tools: _tools, ...rest } = wire;
    expect(rest).toEqual({ max_tokens: 8_192, ...expected });
    expect(warnings).toEqual(expectedWarnings);
  });

  test('is never asked for more than a hard limit leaves', () => {
    const { wire } = send({ reasoning_effort: 'high' }, {}, { outputCap: 2_000 });
    expect(wire).toMatchObject({ max_tokens: 2_000, thinking: { type: 'enabled', budget_tokens: 1_999 } });
  });

  test.each([
    [{ n: 2 }, 'n'],
    [{ modalities: ['text', 'audio'] }, 'modalities'],
  ])('is refused %j, which would be another answer', (members, param) => {
    expect(() => send(members)).toThrow(expect.objectContaining({ code: 'invalid_field', param }));
  });

  test('has at most four marks: of what is always the same the last, of the messages the latest', () => {
    const mark = { cache_control: { type: 'ephemeral' } };
    const text = (value: string): JsonObject => ({ type: 'text', text: value, ...mark });
    const { wire, warnings } = send({
      tools: [{ ...TOOL, ...mark }],
      messages: [
        { role: 'system', content: [text('A'), text('B')] },
        { role: 'user', content: [text('1'), text('2'), text('3'), text('4')] },
      ],
    });
    const marked = (wire['system'] as JsonObject[]).concat(
      (wire['messages'] as { content: JsonObject[] }[])[0]?.content ?? [],
    );
    expect(marked.filter((block) => 'cache_control' in block).map((block) => block['text'])).toEqual([
      'B',
      '2',
      '3',
      '4',
    ]);
    expect((wire['tools'] as JsonObject[])[0]).not.toHaveProperty('cache_control');
    expect(warnings).toEqual(['clamped cache_control']);
  });

  test('has a schema for its answer, by the forced call of a tool where the model knows none', () => {
    const schema = { type: 'object', properties: { n: { type: 'integer', minimum: 1 } }, required: ['n'] };
    const response_format = { type: 'json_schema', json_schema: { name: 'number', schema } };
    expect(send({ response_format }).wire['output_config']).toEqual({
      format: {
        type: 'json_schema',
        schema: {
          type: 'object',
          properties: { n: { type: 'integer', description: '(minimum: 1)' } },
          required: ['n'],
          additionalProperties: false,
        },
      },
    });
    const forced = send({ response_format }, { structuredOutput: false });
    expect(forced.wire).toMatchObject({ tool_choice: { type: 'tool', name: 'number' }, tools: [{ name: 'number' }] });
    const answer = {
      content: [{ type: 'tool_use', id: 'toolu_1', name: 'number', input: { n: 3 } }],
      stop_reason: 'tool_use',
    };
    expect(anthropic.decodeResponse(answer, forced.call).choices[0]).toEqual({
      content: [{ type: 'text', text: '{"n":3}' }],
      finish: { reason: 'stop', stopSequence: null },
    });
  });

  test('has a root that is a union merged, as the upstream takes no other', () => {
    const parameters: JsonObject = {
      anyOf: [
        { type: 'object', properties: { a: {} }, required: ['a', 'c'] },
        { type: 'object', properties: { b: {} }, required: ['c'] },
      ],
    };
    const { wire } = send({ tools: [{ type: 'function', function: { name: 'f', parameters } }] });
    expect((wire['tools'] as JsonObject[])[0]?.['input_schema']).toEqual({
      type: 'object',
      properties: { a: {}, b: {} },
      required: ['c'],
    });
  });

  test('may send free text to a custom tool, and has it back as free text', () => {
    const { wire, call: context } = send({
      tools: [
        {
          type: 'custom',
          custom: { name: 'sh', description: 'Runs', format: { type: 'grammar', grammar: { definition: 'G' } } },
        },
      ],
      messages: [
        { role: 'user', content: 'go' },
        { role: 'assistant', tool_calls: [{ id: 'a', type: 'custom', custom: { name: 'sh', input: 'ls "x"' } }] },
        { role: 'tool', tool_call_id: 'a', content: 'one' },
      ],
    });
    expect((wire['messages'] as JsonObject[])[1]?.['content']).toEqual([
      { type: 'tool_use', id: 'a', name: 'sh', input: { input: 'ls "x"' } },
    ]);
    const answer = {
      content: [{ type: 'tool_use', id: 'b', name: 'sh', input: { input: 'pwd' } }],
      stop_reason: 'tool_use',
    };
    expect(anthropic.decodeResponse(answer, context).choices[0]?.content).toEqual([
      { type: 'tool-call', id: 'b', name: 'sh', arguments: 'pwd', custom: true },
    ]);
  });

  test('gets a signature back to where it came from, though it has no field for it', () => {
    const answer: JsonObject = {
      content: [
        { type: 'thinking', thinking: 'hm', signature: 'SIG+/=' },
        { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} },
      ],
      stop_reason: 'tool_use',
    };
    const seen = chat.encodeResponse(anthropic.decodeResponse(answer, aCall('anthropic-messages')), aClient());
    const message = (seen['choices'] as { message: JsonObject }[])[0]?.message as JsonObject;
    const [toolCall] = message['tool_calls'] as { id: string }[];
    expect(toolCall?.id).toMatch(/^toolu_1__[A-Za-z0-9_-]+$/);

    // A client that echoes nothing but what OpenAI documents.
    const echoed = { role: 'assistant', content: null, tool_calls: message['tool_calls'] } as JsonObject;
    const next = [
      { role: 'user', content: 'go' },
      echoed,
      { role: 'tool', tool_call_id: toolCall?.id ?? '', content: 'one' },
    ];
    const { messages, warnings } = send({ messages: next, reasoning_effort: 'low' });
    expect(messages[1]?.['content']).toEqual([
      { type: 'thinking', thinking: '', signature: 'SIG+/=' },
      { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} },
    ]);
    expect(messages[2]?.['content']).toEqual([{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'one' }]);
    expect(warnings).toEqual([]);
    // One that echoes our members too.
    const whole = send({ messages: [next[0] as JsonObject, message, next[2] as JsonObject] });
    expect(contentOf(whole.messages[1])[0]).toEqual({
      type: 'thinking',
      thinking: 'hm',
      signature: 'SIG+/=',
    });

    // Another upstream never sees it.
    const elsewhere = send({ messages: next, reasoning_effort: 'low' }, {}, { origin: 'anthropic-messages@elsewhere' });
    expect(elsewhere.messages[1]?.['content']).toEqual([{ type: 'tool_use', id: 'toolu_1', name: 'f', input: {} }]);
    expect(elsewhere.wire['thinking']).toEqual({ type: 'disabled' });
    expect(elsewhere.warnings).toEqual(['foreign-reasoning messages[].reasoning', 'foreign-reasoning reasoning']);
  });

  test('cannot forge a carrier', () => {
    const sealed = CARRIERS.seal({ origin: 'anthropic-messages@there', kind: 'signature', data: 'x' });
    const forged = `toolu_1__${sealed.slice(0, -4)}AAAA`;
    const { messages, warnings } = send({
      messages: [
        { role: 'user', content: 'go' },
        { role: 'assistant', tool_calls: [call(forged)] },
        { role: 'tool', tool_call_id: forged, content: 'one' },
      ],
    });
    expect(messages[1]?.['content']).toEqual([{ type: 'tool_use', id: 'toolu_1', name: 'f', input: {} }]);
    expect(warnings).toEqual(['forged-carrier messages[].tool_calls[].id']);
  });

  test.each<[string, JsonObject, string]>([
    ['no messages', { messages: [] }, 'messages'],
    ['a role', { messages: [{ role: 'bot' }] }, 'messages[0].role'],
    ['a part', { messages: [{ role: 'user', content: [{ type: 'sound' }] }] }, 'messages[0].content[0].type'],
    [
      'an image',
      {
        messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,%%' } }] }],
      },
      'messages[0].content[0].image_url.url',
    ],
    ['a tool', { tools: [{ type: 'function', function: {} }] }, 'tools[0].function.name'],
    ['a format', { response_format: { type: 'xml' } }, 'response_format.type'],
    ['a result of nothing', { messages: [{ role: 'tool', content: 'x' }] }, 'messages[0].tool_call_id'],
    ['an effort', { reasoning_effort: 'much' }, 'reasoning_effort'],
  ])('is told the path of %s that is wrong', (_name, members, param) => {
    expect(() => send(members)).toThrow(expect.objectContaining({ code: 'invalid_field', param }));
  });
});
