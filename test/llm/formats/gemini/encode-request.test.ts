import { GEMINI_CODEC as codec } from '@sluice/llm/formats/gemini/codec';
import { featuresOf, type ModelFeatures } from '@sluice/llm/formats/model-features';
import type { JsonObject } from '@sluice/llm/neutral/json';
import type { ToolResultPart } from '@sluice/llm/neutral/parts';
import type { NeutralMessage, NeutralRequest, ReasoningWish } from '@sluice/llm/neutral/request';
import { aCall, collectWarnings } from '../../../support/formats.ts';
import { NOTHING_ASKED } from '../../../support/neutral-arbitraries.ts';

const userSays = (text: string): NeutralMessage => ({ role: 'user', content: [{ type: 'text', text }] });
const asked = (known: Partial<NeutralRequest>): NeutralRequest => ({
  ...NOTHING_ASKED,
  model: 'm',
  messages: [userSays('hi')],
  extras: { format: 'openai-chat', members: {} },
  ...known,
});
function write(known: Partial<NeutralRequest>, features: Partial<ModelFeatures> = {}) {
  const { warnings, warn } = collectWarnings();
  const call = aCall('gemini', {
    warn,
    features: featuresOf(features, { format: 'gemini', vendor: 'gemini', maxOutputTokens: null }),
  });
  return { body: codec.encodeRequest(asked(known), call), warnings, call };
}
const configOf = (body: JsonObject) => (body['generationConfig'] ?? {}) as JsonObject;

describe('what upstreams are sent', () => {
  const call = (id: string, known: object = {}) =>
    ({ type: 'tool-call', id, name: 'f', arguments: '{"big":12345678901234567890}', ...known }) as const;
  const result = (callId: string, known: Partial<ToolResultPart> = {}): ToolResultPart => ({
    type: 'tool-result',
    callId,
    name: 'f',
    content: [{ type: 'text', text: 'out' }],
    isError: false,
    ...known,
  });

  test('of parallel calls the first alone is signed, with a word that stands for none where it has none', () => {
    const foreign = { origin: 'anthropic-messages@x', kind: 'signature', data: 'AAAA' } as const;
    const { body, warnings } = write({
      messages: [
        userSays('go'),
        {
          role: 'assistant',
          content: [{ type: 'reasoning', text: 'hm', carrier: foreign }, call('a', { carrier: foreign }), call('b')],
        },
        { role: 'user', content: [result('a'), result('b', { isError: true })] },
      ],
    });
    expect(JSON.stringify(body['contents'])).toBe(
      JSON.stringify([
        { role: 'user', parts: [{ text: 'go' }] },
        {
          role: 'model',
          parts: [
            {
              functionCall: { id: 'a', name: 'f', args: { big: 0 } },
              thoughtSignature: 'skip_thought_signature_validator',
            },
            { functionCall: { id: 'b', name: 'f', args: { big: 0 } } },
          ],
        },
        {
          role: 'user',
          parts: [
            { functionResponse: { id: 'a', name: 'f', response: { output: 'out' } } },
            { functionResponse: { id: 'b', name: 'f', response: { error: 'out' } } },
          ],
        },
      ]).replaceAll('"big":0', '"big":12345678901234567890'),
    );
    expect(warnings).toEqual(['foreign-reasoning messages[].reasoning']);
  });

  test('its own signatures go back as they came, on thoughts, texts, calls and images', () => {
    const own = (data: string) => ({ origin: 'gemini@there', kind: 'signature', data }) as const;
    const { body } = write({
      messages: [
        userSays('go'),
        {
          role: 'assistant',
          content: [
            { type: 'reasoning', text: 'hm', carrier: own('QQ==') },
            { type: 'text', text: 'so', carrier: own('Qg==') },
            { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' } },
            { type: 'reasoning', text: '', carrier: own('Qw==') },
            { type: 'reasoning', text: '', carrier: own('RA==') },
          ],
        },
        userSays('and?'),
      ],
    });
    expect((body['contents'] as JsonObject[])[1]).toEqual({
      role: 'model',
      parts: [
        { text: 'hm', thought: true, thoughtSignature: 'QQ==' },
        { text: 'so', thoughtSignature: 'Qg==' },
        { inlineData: { mimeType: 'image/png', data: 'AAAA' }, thoughtSignature: 'Qw==' },
        { text: '', thoughtSignature: 'RA==' },
      ],
    });
  });

  test('arguments that are no object are kept inside one', () => {
    const { body } = write({
      messages: [
        userSays('go'),
        {
          role: 'assistant',
          content: [call('a', { arguments: '{"cut' }), call('b', { arguments: '[1]' }), call('c', { arguments: '' })],
        },
        { role: 'user', content: [result('a'), result('b'), result('c')] },
      ],
    });
    const parts = (body['contents'] as { parts: { functionCall: JsonObject }[] }[])[1]?.parts ?? [];
    expect(parts.map(({ functionCall }) => functionCall['args'])).toEqual([{ input: '{"cut' }, { input: [1] }, {}]);
  });

  test('a result that holds a $ref goes as text, and media stand right behind their result', () => {
    const image = { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' } } as const;
    const { body } = write({
      messages: [
        userSays('go'),
        { role: 'assistant', content: [call('a'), call('b')] },
        {
          role: 'user',
          content: [
            result('a', { structured: { deep: [{ $ref: '#' }] } }),
            result('b', { content: [image] }),
            { type: 'text', text: 'so?' },
          ],
        },
      ],
    });
    expect((body['contents'] as JsonObject[])[2]?.['parts']).toEqual([
      { functionResponse: { id: 'a', name: 'f', response: { output: '{"deep":[{"$ref":"#"}]}' } } },
      { functionResponse: { id: 'b', name: 'f', response: { output: '' } } },
      { inlineData: { mimeType: 'image/png', data: 'AAAA' } },
      { text: 'so?' },
    ]);
  });

  test('turns of one role are joined, blank texts left out, later instructions stay in their place, a begun answer goes', () => {
    const { body, warnings } = write({
      messages: [
        {
          role: 'system',
          as: 'developer',
          content: [
            { type: 'text', text: 'One.' },
            { type: 'text', text: ' ' },
          ],
        },
        { role: 'system', as: 'system', content: [{ type: 'text', text: 'Two.' }] },
        userSays('a'),
        { role: 'system', as: 'system', content: [{ type: 'text', text: 'Later.' }] },
        userSays('b'),
        { role: 'assistant', content: [{ type: 'text', text: 'begun' }] },
      ],
    });
    expect(body).toEqual({
      systemInstruction: { parts: [{ text: 'One.' }, { text: 'Two.' }] },
      contents: [
        {
          role: 'user',
          parts: [{ text: 'a' }, { text: '<system-reminder>\nLater.\n</system-reminder>' }, { text: 'b' }],
        },
      ],
    });
    expect(warnings).toEqual(['dropped messages', 'approximated messages[].role']);
  });

  test('a conversation without a user begins with one', () => {
    const { body, warnings } = write({
      messages: [{ role: 'system', as: 'system', content: [{ type: 'text', text: 'S' }] }],
    });
    expect(body['contents']).toEqual([{ role: 'user', parts: [{ text: 'Begin.' }] }]);
    expect(warnings).toEqual(['repaired messages']);
  });

  test('media that the model cannot read, or that lie elsewhere, are told of in words', () => {
    const { body, warnings } = write(
      {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' } },
              { type: 'document', source: { kind: 'file', fileId: 'file-1', format: 'openai-chat' }, name: 'a.pdf' },
              { type: 'document', source: { kind: 'text', text: 'plain' }, name: null },
              { type: 'image', source: { kind: 'url', url: 'https://x.example/a.webp?b', mediaType: null } },
            ],
          },
        ],
      },
      { images: false },
    );
    expect((body['contents'] as JsonObject[])[0]?.['parts']).toEqual([
      { text: '[image left out: this model cannot read it]' },
      { text: '[document "a.pdf" left out: this model cannot read it]' },
      { text: 'plain' },
      { text: '[image left out: this model cannot read it]' },
    ]);
    expect(warnings).toEqual(['dropped messages[].content[].image', 'dropped messages[].content[].document']);
  });

  const wish = (known: Partial<ReasoningWish>): ReasoningWish => ({
    enabled: null,
    effort: null,
    budgetTokens: null,
    show: null,
    summary: null,
    ...known,
  });
  test.each<[ModelFeatures['reasoning'], Partial<ReasoningWish>, JsonObject | undefined, string[]]>([
    ['budget', { enabled: true, budgetTokens: 5_000 }, { includeThoughts: true, thinkingBudget: 5_000 }, []],
    [
      'budget',
      { enabled: true, budgetTokens: 31_999 },
      { includeThoughts: true, thinkingBudget: 24_576 },
      ['clamped reasoning'],
    ],
    ['budget', { budgetTokens: 128 }, { thinkingBudget: 512 }, ['clamped reasoning']],
    ['budget', { enabled: true }, { includeThoughts: true, thinkingBudget: -1 }, []],
    ['budget', { enabled: false }, { thinkingBudget: 0 }, []],
    ['budget', { effort: 'none' }, { thinkingBudget: 0 }, []],
    ['budget', { effort: 'medium' }, { thinkingBudget: 8_192 }, []],
    ['budget', { show: true }, { includeThoughts: true }, []],
    ['level', { effort: 'low' }, { thinkingLevel: 'LOW' }, []],
    ['level', { effort: 'xhigh' }, { thinkingLevel: 'HIGH' }, ['approximated reasoning']],
    ['level', { enabled: false }, { thinkingLevel: 'LOW' }, ['approximated reasoning']],
    [
      'level',
      { enabled: true, budgetTokens: 10_000 },
      { includeThoughts: true, thinkingLevel: 'MEDIUM' },
      ['approximated reasoning'],
    ],
    ['none', { effort: 'high' }, undefined, ['dropped reasoning']],
    ['none', { enabled: false }, undefined, []],
  ])('for models that think by %s, %j is %j', (reasoning, known, thinkingConfig, told) => {
    const { body, warnings } = write({ reasoning: wish(known) }, { reasoning });
    expect(configOf(body)['thinkingConfig']).toEqual(thinkingConfig);
    expect(warnings).toEqual(told);
  });

  const tool = { type: 'function', name: 'f', description: null, parameters: null, strict: null } as const;
  const schema = { type: 'object', properties: { a: { type: 'string' } } };
  const output = { type: 'json-schema', name: 'x', description: null, schema, strict: true } as const;

  test('a schema is asked for by the API, and in words beside functions where the model refuses both', () => {
    expect(configOf(write({ output }).body)).toEqual({
      responseMimeType: 'application/json',
      responseSchema: { type: 'OBJECT', properties: { a: { type: 'STRING' } } },
    });
    const beside = write({ output, tools: [tool] });
    expect(configOf(beside.body)).toEqual({});
    expect(JSON.stringify(beside.body['systemInstruction'])).toContain('valid against this JSON schema');
    expect(beside.warnings).toEqual(['approximated response_format']);
    const newer = write({ output, tools: [tool] }, { reasoning: 'level' });
    expect(configOf(newer.body)['responseSchema']).toBeDefined();
  });

  test.each<[NeutralRequest['toolChoice'], JsonObject | undefined]>([
    [null, undefined],
    [{ type: 'auto' }, { mode: 'AUTO' }],
    [{ type: 'none' }, { mode: 'NONE' }],
    [{ type: 'required' }, { mode: 'ANY' }],
    [
      { type: 'tool', name: 'f' },
      { mode: 'ANY', allowedFunctionNames: ['f'] },
    ],
    [
      { type: 'allowed', names: ['f'], required: true },
      { mode: 'ANY', allowedFunctionNames: ['f'] },
    ],
    [
      { type: 'allowed', names: ['f'], required: false },
      { mode: 'VALIDATED', allowedFunctionNames: ['f'] },
    ],
  ])('the choice %j is %j, and nothing without functions', (toolChoice, functionCallingConfig) => {
    expect((write({ toolChoice, tools: [tool] }).body['toolConfig'] as JsonObject)?.['functionCallingConfig']).toEqual(
      functionCallingConfig,
    );
    expect(write({ toolChoice }).body['toolConfig']).toBeUndefined();
  });

  test('tools are declared once each, in order; long names come back, and hosted ones only go alone', () => {
    const long = 'mcp__server.with.dots__and_a_name_that_is_much_longer_than_sixty_four_characters';
    const search = { type: 'hosted', kind: 'web-search', native: { format: 'openai-responses', value: {} } } as const;
    const foreign = { type: 'vendor', format: 'openai-responses', value: {} } as const;
    const {
      body,
      call: sent,
      warnings,
    } = write({
      tools: [
        { ...tool, name: long },
        tool,
        tool,
        search,
        foreign,
        { type: 'custom', name: 'patch', description: 'P', grammar: null },
      ],
    });
    const [declared] = body['tools'] as { functionDeclarations: JsonObject[] }[];
    expect(declared?.functionDeclarations.map(({ name }) => name)).toEqual([
      expect.stringMatching(/^[\w-]{1,64}$/),
      'f',
      'patch',
    ]);
    expect([...sent.toolNames.values()]).toEqual([long]);
    expect(declared?.functionDeclarations[2]).toEqual({
      name: 'patch',
      description: 'P',
      parameters: { type: 'OBJECT', properties: { input: { type: 'STRING' } }, required: ['input'] },
    });
    expect(warnings).toEqual([
      'repaired tools[2]',
      'dropped tools[3]',
      'vendor-only tools[4]',
      'approximated tools[5]',
    ]);
    expect(write({ tools: [search] }).body['tools']).toEqual([{ googleSearch: {} }]);
  });

  test('sampling is brought into range, and what has no word is told', () => {
    const sampling = {
      ...NOTHING_ASKED.sampling,
      temperature: 3,
      topK: 0,
      presencePenalty: 2,
      stop: ['1', '2', '3', '4', '5', '6'],
      logitBias: {},
    };
    const { body, warnings } = write({
      sampling,
      parallelToolCalls: false,
      verbosity: 'low',
      serviceTier: 'scale',
      maxOutputTokens: 50,
    });
    expect(configOf(body)).toEqual({
      temperature: 2,
      topK: 1,
      presencePenalty: 1.99,
      stopSequences: ['1', '2', '3', '4', '5'],
      maxOutputTokens: 50,
    });
    expect(warnings).toEqual([
      'clamped temperature',
      'clamped top_k',
      'clamped presence_penalty',
      'clamped stop',
      'dropped logit_bias',
      'dropped service_tier',
      'dropped verbosity',
      'dropped parallel_tool_calls',
    ]);
  });

  test('a hard limit caps the answer whatever the client asks for', () => {
    const capped = aCall('gemini', { outputCap: 20 });
    expect(configOf(codec.encodeRequest(asked({ maxOutputTokens: 50 }), capped))['maxOutputTokens']).toBe(20);
    expect(configOf(codec.encodeRequest(asked({}), capped))['maxOutputTokens']).toBe(20);
  });
});
