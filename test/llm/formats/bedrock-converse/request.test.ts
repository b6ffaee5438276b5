import { BEDROCK_CONVERSE_CODEC as codec } from '@sluice/llm/formats/bedrock-converse/codec';
import { featuresOf, type ModelFeatures } from '@sluice/llm/formats/model-features';
import type { JsonObject } from '@sluice/llm/neutral/json';
import type { CacheMark, DocumentPart, ImagePart, ToolCallPart, ToolResultPart } from '@sluice/llm/neutral/parts';
import type { FunctionTool, NeutralMessage, NeutralRequest, ReasoningWish } from '@sluice/llm/neutral/request';
import { aCall, collectWarnings } from '../../../support/formats.ts';
import { NOTHING_ASKED } from '../../../support/neutral-arbitraries.ts';

const hi: NeutralMessage = { role: 'user', content: [{ type: 'text', text: 'hi' }] };
function write(known: Partial<NeutralRequest>, features: Partial<ModelFeatures> = {}) {
  const { warnings, warn } = collectWarnings();
  const call = aCall('bedrock-converse', {
    warn,
    features: featuresOf(features, { format: 'bedrock-converse', vendor: 'bedrock', maxOutputTokens: null }),
  });
  const extras = { format: 'openai-chat', members: {} };
  const body = codec.encodeRequest(
    { ...NOTHING_ASKED, model: 'm', messages: [hi], extras, maxOutputTokens: 9_000, ...known },
    call,
  );
  return { body, warnings, call };
}
const short: CacheMark = { ttl: '5m' };
const tool: FunctionTool = {
  type: 'function',
  name: 'look',
  description: 'Looks.',
  parameters: { type: 'object', properties: {} },
  strict: null,
};
const called = (id: string): ToolCallPart => ({
  type: 'tool-call',
  id,
  name: 'look',
  arguments: '{"at":12345678901234567890}',
});
const found = (callId: string, known: Partial<ToolResultPart> = {}): ToolResultPart => ({
  type: 'tool-result',
  callId,
  name: 'look',
  content: [{ type: 'text', text: 'seen' }],
  isError: false,
  ...known,
});
const image: ImagePart = { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' } };
const document = (name: string | null): DocumentPart => ({
  type: 'document',
  source: { kind: 'base64', mediaType: 'application/pdf', data: 'JVBERi0=' },
  name,
});

test('a conversation with marks, reasoning, calls and results is written as Converse wants it', () => {
  const carrier = { origin: 'bedrock-converse@there', kind: 'signature', data: 'c2ln' } as const;
  const { body, warnings } = write({
    messages: [
      { role: 'system', as: 'system', content: [{ type: 'text', text: 'Be terse.', cache: { ttl: '1h' } }] },
      { role: 'user', content: [{ type: 'text', text: 'go', cache: short }, image] },
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'hm', carrier },
          { type: 'reasoning', text: '', carrier: { ...carrier, kind: 'redacted' } },
          called('a'),
        ],
      },
      { role: 'user', content: [found('a', { isError: true, content: [{ type: 'text', text: 'no' }, image] })] },
    ],
    tools: [{ ...tool, cache: short }],
    toolChoice: { type: 'auto' },
    sampling: { ...NOTHING_ASKED.sampling, temperature: 0.5, topP: 0.9, topK: 5, stop: ['END'] },
    serviceTier: 'flex',
  });
  expect(JSON.stringify(body['messages'])).toBe(
    '[{"role":"user","content":[{"text":"go"},{"cachePoint":{"type":"default"}},{"image":{"format":"png","source":{"bytes":"AAAA"}}}]},' +
      '{"role":"assistant","content":[{"reasoningContent":{"reasoningText":{"text":"hm","signature":"c2ln"}}},{"reasoningContent":{"redactedContent":"c2ln"}},' +
      '{"toolUse":{"toolUseId":"a","name":"look","input":{"at":12345678901234567890}}}]},' +
      '{"role":"user","content":[{"toolResult":{"toolUseId":"a","content":[{"text":"no"},{"image":{"format":"png","source":{"bytes":"AAAA"}}}],"status":"error"}}]}]',
  );
  expect(body).toMatchObject({
    system: [{ text: 'Be terse.' }, { cachePoint: { type: 'default', ttl: '1h' } }],
    toolConfig: {
      tools: [
        {
          toolSpec: { name: 'look', description: 'Looks.', inputSchema: { json: { type: 'object', properties: {} } } },
        },
        { cachePoint: { type: 'default' } },
      ],
      toolChoice: { auto: {} },
    },
    inferenceConfig: { maxTokens: 9_000, temperature: 0.5, topP: 0.9, stopSequences: ['END'] },
    additionalModelRequestFields: { top_k: 5 },
    additionalModelResponseFieldPaths: ['/stop_sequence'],
    serviceTier: { type: 'flex' },
  });
  expect(warnings).toEqual([]);
  expect(body).not.toHaveProperty('modelId');
});

test('a conversation with calls in it has tools, though the client names none any more', () => {
  const messages: NeutralMessage[] = [
    hi,
    { role: 'assistant', content: [called('a')] },
    { role: 'user', content: [found('a')] },
  ];
  const stand = { toolSpec: { name: 'look', inputSchema: { json: { type: 'object', properties: {} } } } };
  expect(write({ messages }).body['toolConfig']).toEqual({ tools: [stand] });
  const none = write({ messages, tools: [tool], toolChoice: { type: 'none' } });
  expect(none.body['toolConfig']).toEqual({ tools: [stand] });
  expect(none.warnings).toEqual(['approximated tool_choice']);
  expect(write({}).body['toolConfig']).toBeUndefined();
});

test('documents have names of their own that the service takes, and a text beside them', () => {
  const { body } = write({
    messages: [{ role: 'user', content: [document('a_b.pdf'), document('a_b.pdf'), document(null)] }],
  });
  const [{ content }] = body['messages'] as [{ content: { document?: { name: string }; text?: string }[] }];
  expect(content.map((block) => block.document?.name ?? block.text)).toEqual([
    'a-b-pdf',
    'a-b-pdf (2)',
    'document',
    'See the document.',
  ]);
});

test('what the service cannot read, or would have to fetch, is told of in words', () => {
  const { body, warnings } = write({
    messages: [
      {
        role: 'user',
        content: [
          { type: 'image', source: { kind: 'url', url: 'https://x.example/a.png', mediaType: 'image/png' } },
          { type: 'image', source: { kind: 'url', url: 's3://b/a.png', mediaType: 'image/png' } },
          { type: 'audio', source: { kind: 'base64', mediaType: 'audio/wav', data: 'AAAA' } },
        ],
      },
    ],
  });
  expect(body['messages']).toEqual([
    {
      role: 'user',
      content: [
        { text: '[image left out: this model cannot read it]' },
        { image: { format: 'png', source: { s3Location: { uri: 's3://b/a.png' } } } },
        { text: '[audio left out: this model cannot read it]' },
      ],
    },
  ]);
  expect(warnings).toEqual(['dropped messages[].content[].image', 'dropped messages[].content[].audio']);
});

test('of more than four cache points the first ones go', () => {
  const marked = (text: string) => ({ type: 'text', text, cache: short }) as const;
  const { body, warnings } = write({
    messages: [
      { role: 'system', as: 'system', content: [marked('s')] },
      { role: 'user', content: ['1', '2', '3', '4'].map(marked) },
    ],
    tools: [{ ...tool, cache: short }],
  });
  const points = JSON.stringify(body).match(/cachePoint/g);
  expect(points).toHaveLength(4);
  expect(JSON.stringify(body['system'])).toContain('cachePoint');
  expect(JSON.stringify(body['messages'])).toContain('{"text":"1"},{"text":"2"},{"cachePoint"');
  expect(warnings).toEqual(['clamped cache_control']);
});

const wish = (known: Partial<ReasoningWish>): ReasoningWish => ({
  enabled: null,
  effort: null,
  budgetTokens: null,
  show: null,
  summary: null,
  ...known,
});
test.each<[ModelFeatures['reasoning'], Partial<ReasoningWish>, JsonObject, string[]]>([
  [
    'budget',
    { enabled: true, budgetTokens: 2_000 },
    { additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 2_000 } } },
    [],
  ],
  [
    'adaptive',
    { enabled: true, effort: 'high' },
    { additionalModelRequestFields: { thinking: { type: 'adaptive' } }, outputConfig: { effort: 'high' } },
    [],
  ],
  [
    'effort',
    { effort: 'xhigh' },
    { additionalModelRequestFields: { reasoning_effort: 'high' } },
    ['clamped reasoning'],
  ],
  [
    'level',
    { effort: 'low' },
    { additionalModelRequestFields: { reasoningConfig: { type: 'enabled', maxReasoningEffort: 'low' } } },
    [],
  ],
  ['level', { enabled: false }, { additionalModelRequestFields: { reasoningConfig: { type: 'disabled' } } }, []],
  ['none', { effort: 'low' }, {}, ['dropped reasoning']],
])('models that think by %s are asked for %j in their own words', (reasoning, known, asked, told) => {
  const { body, warnings } = write({ reasoning: wish(known) }, { reasoning });
  const { additionalModelRequestFields: fields, outputConfig } = body;
  expect({ ...(fields && { additionalModelRequestFields: fields }), ...(outputConfig && { outputConfig }) }).toEqual(
    asked,
  );
  expect(warnings).toEqual(told);
});

test('sampling is left out beside thinking', () => {
  const { body, warnings } = write({
    reasoning: wish({ enabled: true, budgetTokens: 2_000 }),
    sampling: { ...NOTHING_ASKED.sampling, temperature: 0.2, topK: 3 },
  });
  expect(body['inferenceConfig']).toEqual({ maxTokens: 9_000 });
  expect(warnings).toEqual(['dropped temperature', 'dropped top_k']);
});

test('a schema is asked for by the service, by a tool that must be called, or in words', () => {
  const output = {
    type: 'json-schema',
    name: 'city',
    description: null,
    schema: { type: 'object', properties: { a: {} } },
    strict: true,
  } as const;
  expect(write({ output }, { structuredOutput: true }).body['outputConfig']).toEqual({
    textFormat: {
      type: 'json_schema',
      structure: { jsonSchema: { schema: JSON.stringify(output.schema), name: 'city' } },
    },
  });
  const forced = write({ output });
  expect(forced.call.answerTool).toBe('city');
  expect(forced.body['toolConfig']).toMatchObject({ toolChoice: { tool: { name: 'city' } } });
  expect(JSON.stringify(write({ output, tools: [tool] }).body['system'])).toContain('JSON schema');
});

test('what cannot be had is refused by name', () => {
  expect(() => write({ choices: 2 })).toThrow(expect.objectContaining({ param: 'n' }));
  expect(() => write({ modalities: ['text', 'audio'] })).toThrow(expect.objectContaining({ param: 'modalities' }));
});
