import { parseExact } from '@sluice/kit/json/parse-exact';
import { ANTHROPIC_MESSAGES_CODEC as anthropic } from '@sluice/llm/formats/anthropic-messages/codec';
import type { CallContext } from '@sluice/llm/formats/codec';
import { OPENAI_CHAT_CODEC as chat } from '@sluice/llm/formats/openai-chat/codec';
import type { ModelFeatures } from '@sluice/llm/formats/model-features';
import type { JsonObject } from '@sluice/llm/neutral/json';
import { aCall, aClient, collectWarnings } from '../../../support/formats.ts';

/** What a chat upstream is sent for a request of an Anthropic client. */
function send(members: JsonObject, features: Partial<ModelFeatures> = {}, known: Partial<CallContext> = {}) {
  const { warn, warnings } = collectWarnings();
  const call = aCall('openai-chat', { ...known, warn });
  call.features = { ...call.features, ...features };
  const body: JsonObject = { model: 'm', max_tokens: 100, messages: [{ role: 'user', content: 'hi' }], ...members };
  const wire = chat.encodeRequest(anthropic.decodeRequest(body, aClient({ warn })), call);
  return { wire, warnings, messages: wire['messages'] as JsonObject[], call };
}

const TOOL = { name: 'f', input_schema: { type: 'object', properties: {} } };
const CALLS: JsonObject[] = [
  { role: 'user', content: 'go' },
  {
    role: 'assistant',
    content: [
      { type: 'tool_use', id: 'toolu_1', name: 'f', input: { a: 1 } },
      { type: 'tool_use', id: 'toolu_2', name: 'g', input: {} },
    ],
  },
];

describe('an Anthropic client over a chat upstream', () => {
  test('has its system blocks in order and without billing lines', () => {
    const { messages, warnings } = send({
      system: [
        { type: 'text', text: 'x-anthropic-billing-header: cc_version=2.1.329; cch=1;' },
        { type: 'text', text: 'You are A.', cache_control: { type: 'ephemeral' } },
        { type: 'text', text: 'Be B.' },
      ],
    });
    expect(messages[0]).toEqual({
      role: 'system',
      content: [
        { type: 'text', text: 'You are A.' },
        { type: 'text', text: 'Be B.' },
      ],
    });
    expect(warnings).toEqual(['vendor-only system', 'vendor-only cache_control']);
  });

  test('has results in the order of their calls, before what the user says beside them', () => {
    const { messages, warnings } = send({
      messages: [
        ...CALLS,
        {
          role: 'user',
          content: [
            { type: 'text', text: 'and now?' },
            { type: 'tool_result', tool_use_id: 'toolu_2', content: 'two' },
            { type: 'tool_result', tool_use_id: 'toolu_1', content: [{ type: 'text', text: 'one' }], is_error: true },
          ],
        },
      ],
    });
    expect(messages.slice(2)).toEqual([
      { role: 'tool', tool_call_id: 'toolu_1', content: '[tool error] one' },
      { role: 'tool', tool_call_id: 'toolu_2', content: 'two' },
      { role: 'user', content: 'and now?' },
    ]);
    expect(warnings).toEqual(['repaired messages']);
  });

  test.each<[string, JsonObject[string] | undefined, JsonObject[string]]>([
    ['a string', 'x', 'x'],
    ['nothing', undefined, ''],
    ['null', null, ''],
    ['an object', { a: 1 }, '{"a":1}'],
    ['an empty text', [{ type: 'text', text: '' }], ''],
    ['a reference of a tool search', [{ type: 'tool_reference', tool_name: 'g' }], 'Tool available: g'],
  ])('has a tool result that is %s', (_name, content, expected) => {
    const { messages } = send({
      messages: [
        { role: 'user', content: 'go' },
        { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'f', input: {} }] },
        {
          role: 'user',
          content: [{ type: 'tool_result', tool_use_id: 't', ...(content !== undefined && { content }) }],
        },
      ],
    });
    expect(messages[2]).toEqual({ role: 'tool', tool_call_id: 't', content: expected });
  });

  test('has the images of a result in a message behind all results', () => {
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } };
    const { messages } = send({
      messages: [
        ...CALLS,
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'toolu_1', content: [image] },
            { type: 'tool_result', tool_use_id: 'toolu_2', content: 'two' },
          ],
        },
      ],
    });
    expect(messages.slice(2)).toEqual([
      { role: 'tool', tool_call_id: 'toolu_1', content: 'The result is attached to the next message.' },
      { role: 'tool', tool_call_id: 'toolu_2', content: 'two' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Attached to the result of tool call toolu_1:' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
        ],
      },
    ]);
  });

  test('has a call without a result answered, and a result without a call told as text', () => {
    const { messages } = send({
      messages: [...CALLS, { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'other', content: 'lost' }] }],
    });
    expect(messages.slice(2)).toEqual([
      { role: 'tool', tool_call_id: 'toolu_1', content: '[tool error] No result of this call was recorded.' },
      { role: 'tool', tool_call_id: 'toolu_2', content: '[tool error] No result of this call was recorded.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Result of an unknown tool call (other):' },
          { type: 'text', text: 'lost' },
        ],
      },
    ]);
  });

  test('may ask as Claude Code does', () => {
    const { wire, warnings } = send({
      stream: true,
      max_tokens: 32_000,
      thinking: { type: 'enabled', budget_tokens: 31_999, display: 'omitted' },
      context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] },
      metadata: { user_id: `{"device_id":"${'d'.repeat(64)}","session_id":"s"}` },
      tools: [
        { ...TOOL, name: 'ToolSearch', description: 'Finds tools' },
        { ...TOOL, name: 'DeferredToolPlaceholder', defer_loading: true },
        { type: 'web_search_20250305', name: 'web_search' },
        { type: 'tool_search_tool_regex_20251119', name: 'tool_search_tool_regex' },
      ],
    });
    expect(wire).toMatchObject({
      reasoning_effort: 'high',
      max_completion_tokens: 32_000,
      stream: true,
      stream_options: { include_usage: true },
      user: expect.stringMatching(/^user_[A-Za-z0-9]{32}$/),
    });
    expect((wire['tools'] as { function: { name: string } }[]).map((tool) => tool.function.name)).toEqual([
      'ToolSearch',
      'DeferredToolPlaceholder',
    ]);
    expect(warnings).toEqual([
      'vendor-only tools[].defer_loading',
      'dropped tools[].web-search',
      'vendor-only tools[].tool_search_tool_regex_20251119',
      'approximated reasoning',
      'vendor-only context_management',
    ]);
  });

  test('drops thinking without a place, and keeps its text for servers that want it back', () => {
    const messages: JsonObject[] = [
      { role: 'user', content: 'go' },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'hm', signature: 'sig' },
          { type: 'redacted_thinking', data: 'blob' },
          { type: 'text', text: 'yes' },
        ],
      },
      { role: 'user', content: 'on' },
    ];
    const dropped = send({ messages });
    expect(dropped.messages[1]).toEqual({ role: 'assistant', content: 'yes' });
    expect(dropped.warnings).toEqual(['foreign-reasoning messages[].reasoning']);
    const kept = send({ messages }, { reasoning: 'field' });
    expect(kept.messages[1]).toEqual({ role: 'assistant', content: 'yes', reasoning_content: 'hm' });
  });

  test.each<[JsonObject | undefined, Partial<ModelFeatures>, JsonObject]>([
    [{ type: 'enabled', budget_tokens: 1_024 }, {}, { reasoning_effort: 'low' }],
    [{ type: 'enabled', budget_tokens: 10_000 }, {}, { reasoning_effort: 'medium' }],
    [{ type: 'disabled' }, {}, { reasoning_effort: 'none' }],
    [{ type: 'adaptive' }, {}, {}],
    [undefined, {}, {}],
    [
      { type: 'enabled', budget_tokens: 2_000 },
      { reasoning: 'budget' },
      { thinking: { type: 'enabled', budget_tokens: 2_000 } },
    ],
    [{ type: 'enabled', budget_tokens: 2_000 }, { reasoning: 'none' }, {}],
  ])('says thinking %j under %j as %j', (thinking, features, expected) => {
    const { wire } = send(thinking === undefined ? {} : { thinking }, features);
    const { reasoning_effort, thinking: sent } = wire;
    expect(JSON.parse(JSON.stringify({ reasoning_effort, thinking: sent }))).toEqual(expected);
  });

  test('has its choice of tools, and none where there are no tools', () => {
    const one = { tools: [TOOL], tool_choice: { type: 'tool', name: 'f', disable_parallel_tool_use: true } };
    expect(send(one).wire).toMatchObject({
      tool_choice: { type: 'function', function: { name: 'f' } },
      parallel_tool_calls: false,
    });
    expect(send({ tools: [TOOL], tool_choice: { type: 'any' } }).wire).toMatchObject({ tool_choice: 'required' });
    const without = send({ tool_choice: { type: 'any', disable_parallel_tool_use: true } }).wire;
    expect(without).not.toHaveProperty('tool_choice');
    expect(without).not.toHaveProperty('parallel_tool_calls');
  });

  test('has long tool names shortened, the same way each time, and back again in the answer', () => {
    const name = `mcp__server.with/dots__${'x'.repeat(80)}`;
    const { wire, call } = send({ tools: [{ ...TOOL, name }] });
    const sent = (wire['tools'] as { function: { name: string } }[])[0]?.function.name ?? '';
    expect(sent).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
    const answer = { choices: [{ message: { tool_calls: [{ id: 'c', function: { name: sent, arguments: '{}' } }] } }] };
    expect(chat.decodeResponse(answer, call).choices[0]?.content).toEqual([
      { type: 'tool-call', id: 'c', name, arguments: '{}' },
    ]);
  });

  test('has the numbers of a tool call as the client wrote them', () => {
    const input = parseExact('{"n":12345678901234567890,"f":1.0}') as JsonObject;
    const messages: JsonObject[] = [
      { role: 'user', content: 'go' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'f', input }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: 'x' }] },
    ];
    expect(send({ messages }).messages[1]).toMatchObject({
      tool_calls: [{ function: { arguments: '{"n":12345678901234567890,"f":1.0}' } }],
    });
  });

  test('has a schema for the answer, in words where the model knows none', () => {
    const format = { type: 'json_schema', schema: { type: 'object', properties: {} } };
    expect(send({ output_config: { format } }).wire['response_format']).toEqual({
      type: 'json_schema',
      json_schema: { name: 'answer', schema: format.schema },
    });
    const inWords = send({ output_config: { format }, system: 'S' }, { structuredOutput: false });
    expect(inWords.wire['response_format']).toEqual({ type: 'json_object' });
    expect(inWords.messages.map(({ role }) => role)).toEqual(['system', 'system', 'user']);
    expect(inWords.messages[1]?.['content']).toContain(JSON.stringify(format.schema));
    expect(inWords.warnings).toEqual(['approximated response_format']);
  });

  test('reads a document as a file, a text as a text, and is told what the model cannot read', () => {
    const content: JsonObject[] = [
      { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'AAAA' }, title: 'a.pdf' },
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'notes' }, title: 'n' },
      { type: 'document', source: { type: 'url', url: 'https://a.example/a.pdf' } },
      { type: 'search_result', source: 'https://a.example', title: 'T', content: [{ type: 'text', text: 'found' }] },
    ];
    const { messages, warnings } = send({ messages: [{ role: 'user', content }] });
    expect(messages[0]?.['content']).toEqual([
      { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,AAAA' } },
      { type: 'text', text: 'n:\nnotes' },
      { type: 'text', text: '[document left out: this model cannot read it]' },
      { type: 'text', text: 'T:\nfound' },
    ]);
    expect(warnings).toEqual(['dropped messages[].content[].document']);
  });

  test.each<[string, JsonObject, string]>([
    ['a role', { messages: [{ role: 'bot', content: 'x' }] }, 'messages[0].role'],
    ['a block', { messages: [{ role: 'user', content: [{ type: 'image_url' }] }] }, 'messages[0].content[0].type'],
    [
      'an image',
      { messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'base64', data: '%' } }] }] },
      'messages[0].content[0].source.data',
    ],
    ['a tool', { tools: [{ name: '' }] }, 'tools[0].name'],
    ['a choice', { tool_choice: { type: 'some' } }, 'tool_choice.type'],
    ['a budget', { thinking: { type: 'enabled' } }, 'thinking.budget_tokens'],
  ])('is told the path of %s that is wrong', (_name, members, param) => {
    expect(() => send(members)).toThrow(expect.objectContaining({ code: 'invalid_field', param }));
  });
});
