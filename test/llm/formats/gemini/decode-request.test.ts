import { GEMINI_CODEC as codec } from '@sluice/llm/formats/gemini/codec';
import type { JsonObject } from '@sluice/llm/neutral/json';
import type { AssistantPart, UserPart } from '@sluice/llm/neutral/parts';
import type { NeutralMessage } from '@sluice/llm/neutral/request';
import { aClient, CARRIERS, collectWarnings } from '../../../support/formats.ts';

const read = (body: JsonObject) => codec.decodeRequest(body, aClient());
const partsOf = (messages: readonly NeutralMessage[]): (UserPart | AssistantPart)[] =>
  messages.flatMap(({ content }): (UserPart | AssistantPart)[] => content);

describe('what clients write', () => {
  test.each<[string, JsonObject, string]>([
    ['contents', {}, 'contents'],
    ['contents', { contents: [] }, 'contents'],
    ['a role', { contents: [{ role: 'robot', parts: [] }] }, 'contents[0].role'],
    ['a text', { contents: [{ parts: [{ text: 1 }] }] }, 'contents[0].parts[0].text'],
    [
      'base64',
      { contents: [{ parts: [{ inlineData: { mimeType: 'image/png', data: '%%' } }] }] },
      'contents[0].parts[0].inlineData.data',
    ],
    [
      'a name',
      { contents: [{ role: 'model', parts: [{ functionCall: { args: {} } }] }] },
      'contents[0].parts[0].functionCall.name',
    ],
    [
      'a call of the user',
      { contents: [{ parts: [{ functionCall: { name: 'f' } }] }] },
      'contents[0].parts[0].functionCall',
    ],
    [
      'a nameless answer to nothing',
      { contents: [{ parts: [{ functionResponse: { response: {} } }] }] },
      'contents[0].parts[0].functionResponse.name',
    ],
    ['a temperature', { contents: 'x', generationConfig: { temperature: 'hot' } }, 'generationConfig.temperature'],
    [
      'a mode',
      { contents: 'x', toolConfig: { functionCallingConfig: { mode: 'SOME' } } },
      'toolConfig.functionCallingConfig.mode',
    ],
    [
      'a function',
      { contents: 'x', tools: [{ functionDeclarations: [{ description: 'no name' }] }] },
      'tools[0].functionDeclarations[0].name',
    ],
  ])('is refused by the path of %s', (_what, body, path) => {
    expect(() => read(body)).toThrow(expect.objectContaining({ code: 'invalid_field', param: path }));
  });

  test.each<[string, JsonObject[string]]>([
    ['a text', 'Be terse.'],
    ['an object', { parts: [{ text: 'Be terse.' }] }],
    ['an object with one part', { role: 'system', parts: { text: 'Be terse.' } }],
    ['a list of parts', [{ text: 'Be terse.' }]],
  ])('may give systemInstruction as %s', (_form, systemInstruction) => {
    expect(read({ systemInstruction, contents: 'hi' }).messages[0]).toEqual({
      role: 'system',
      as: 'system',
      content: [{ type: 'text', text: 'Be terse.' }],
    });
  });

  test('what is said about parts and functions and has no place elsewhere is told', () => {
    const { warnings, warn } = collectWarnings();
    const film = { fileData: { fileUri: 'https://youtu.be/x' }, videoMetadata: { fps: 1 } };
    const tools = [{ functionDeclarations: [{ name: 'f', response: { type: 'STRING' } }] }];
    const request = codec.decodeRequest(
      { contents: [{ parts: [film, { partMetadata: {} }] }], tools },
      aClient({ warn }),
    );
    expect(partsOf(request.messages)).toHaveLength(1);
    expect(warnings).toEqual([
      'dropped contents[].parts[].videoMetadata',
      'dropped contents[].parts[].partMetadata',
      'vendor-only tools[].response',
    ]);
  });

  test('the flag of the path says whether an answer is streamed', () => {
    expect(codec.decodeRequest({ contents: 'x' }, aClient({ path: { stream: true } })).stream).toBe(true);
    expect(read({ contents: 'x' }).stream).toBe(false);
  });

  test('a request for the counter is the request in it', () => {
    const inner = { model: 'models/m', contents: [{ parts: [{ text: 'hi' }] }], systemInstruction: 'S' };
    expect(read({ generateContentRequest: inner })).toEqual(read(inner));
  });

  test('calls without ids get some that stay the same while the conversation grows', () => {
    const call = (args: JsonObject): JsonObject => ({ functionCall: { name: 'f', args } });
    const result = (output: string): JsonObject => ({ functionResponse: { name: 'f', response: { output } } });
    const before = [
      { role: 'user', parts: [{ text: 'go' }] },
      { role: 'model', parts: [call({ a: 1 }), call({ a: 1 })] },
      { role: 'user', parts: [result('x'), result('y')] },
    ];
    const after = [...before, { role: 'model', parts: [call({ a: 1 })] }, { role: 'user', parts: [result('z')] }];
    const short = read({ contents: before }).messages;
    const long = read({ contents: after }).messages;
    expect(long.slice(0, short.length)).toEqual(short);
    const ids = partsOf(long).flatMap((part) => (part.type === 'tool-call' ? [part.id] : []));
    expect(new Set(ids).size).toBe(3);
    const answered = partsOf(long).flatMap((part) =>
      part.type === 'tool-result' ? [[part.callId, part.content[0]]] : [],
    );
    expect(answered).toEqual([
      [ids[0], { type: 'text', text: 'x' }],
      [ids[1], { type: 'text', text: 'y' }],
      [ids[2], { type: 'text', text: 'z' }],
    ]);
  });

  test('results without ids answer the earliest call of their name, and an empty name is filled in', () => {
    const { messages } = read({
      contents: [
        { role: 'user', parts: [{ text: 'go' }] },
        {
          role: 'model',
          parts: [{ functionCall: { name: 'a' } }, { functionCall: { name: 'b' } }, { functionCall: { name: 'a' } }],
        },
        {
          role: 'function',
          parts: [
            { functionResponse: { name: 'b', response: { output: 'of b' } } },
            { functionResponse: { name: 'a', response: { output: 'of first a' } } },
            { functionResponse: { name: '', response: { error: 'of second a' } } },
          ],
        },
      ],
    });
    const ids = messages[1]?.content.flatMap((part) => (part.type === 'tool-call' ? [part.id] : [])) ?? [];
    expect(messages[2]?.content).toMatchObject([
      { callId: ids[1], name: 'b', isError: false },
      { callId: ids[0], name: 'a', isError: false },
      { callId: ids[2], name: 'a', isError: true, content: [{ type: 'text', text: 'of second a' }] },
    ]);
  });

  test('chunks of one turn are joined: texts, thoughts, and the signature that came alone', () => {
    const { messages } = read({
      contents: [
        { parts: [{ text: 'go' }] },
        { role: 'model', parts: [{ text: 'th', thought: true }] },
        { role: 'model', parts: [{ text: 'ink', thought: true }] },
        { role: 'model', parts: [{ text: '', thought: true, thoughtSignature: 'QQ==' }] },
        { role: 'model', parts: [{ text: 'Hel' }] },
        { role: 'model', parts: [{ text: 'lo' }] },
        { role: 'model', parts: [{ text: '', thoughtSignature: 'Qg==' }] },
        { role: 'model', parts: [{ text: '' }] },
      ],
    });
    const carrier = (data: string) => ({ origin: 'native:gemini', kind: 'signature', data });
    expect(messages[1]).toEqual({
      role: 'assistant',
      content: [
        { type: 'reasoning', text: 'think', carrier: carrier('QQ==') },
        { type: 'text', text: 'Hello', carrier: carrier('Qg==') },
      ],
    });
  });

  test('an envelope of ours is opened in either alphabet of base64, and a forged one is left out with a warning', () => {
    const carrier = { origin: 'anthropic-messages@there', kind: 'signature', data: 'EqQBCkYI??>>' } as const;
    const sealed = Buffer.from(CARRIERS.seal(carrier)).toString('base64');
    const urlSafe = sealed.replaceAll('+', '-').replaceAll('/', '_');
    const forged = Buffer.from('slreason1_AAAA').toString('base64');
    const { warnings, warn } = collectWarnings();
    const parts = [sealed, urlSafe, forged].map((thoughtSignature) => ({ text: 'x', thought: true, thoughtSignature }));
    const { messages } = codec.decodeRequest(
      { contents: [{ parts: [{ text: 'go' }] }, { role: 'model', parts }] },
      aClient({ warn }),
    );
    expect(messages[1]?.content).toEqual([
      { type: 'reasoning', text: 'x', carrier },
      { type: 'reasoning', text: 'x', carrier },
      { type: 'reasoning', text: 'x' },
    ]);
    expect(warnings).toEqual(['forged-carrier contents[1].parts[2].thoughtSignature']);
  });
});
