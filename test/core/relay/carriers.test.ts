import { jsonOf } from '../../support/fake-upstream.ts';
import type { VendorName } from '../../support/vendor-answers.ts';
import { startOver } from './formats-rig.ts';
import { call, type Call, type Rig } from './rig.ts';

/** What each vendor wants to see again, byte by byte, and an answer that holds it with a call of a tool. */
const PROOF = 'RXhhY3RseSB0aGVzZSBieXRlcywgKy8gYW5kIGFsbC4+Pz8=';
const ANSWERS = {
  anthropic: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'up',
    content: [
      { type: 'thinking', thinking: 'Let me see.', signature: PROOF },
      { type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: { city: 'Paris' } },
    ],
    stop_reason: 'tool_use',
    usage: { input_tokens: 1, output_tokens: 1 },
  },
  gemini: {
    candidates: [
      {
        content: {
          role: 'model',
          parts: [{ functionCall: { name: 'get_weather', args: { city: 'Paris' } }, thoughtSignature: PROOF }],
        },
        finishReason: 'STOP',
      },
    ],
  },
  responses: {
    id: 'resp_1',
    object: 'response',
    status: 'completed',
    model: 'up',
    output: [
      { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: PROOF },
      {
        type: 'function_call',
        id: 'fc_1',
        call_id: 'call_1',
        name: 'get_weather',
        arguments: '{"city":"Paris"}',
        status: 'completed',
      },
    ],
  },
} as const satisfies Partial<Record<VendorName, object>>;

type Json = Call['json'];
interface Talker {
  path: string;
  first: object;
  /** The same, what was answered, and the tool's result behind it. */
  second(answer: Json): object;
}

const parameters = { type: 'object', properties: { city: { type: 'string' } } };
const question = { role: 'user', content: 'And the weather?' };
const CHAT = {
  model: 'public',
  reasoning_effort: 'low',
  tools: [{ type: 'function', function: { name: 'get_weather', parameters } }],
};
const ANTHROPIC = {
  model: 'public',
  max_tokens: 4000,
  thinking: { type: 'enabled', budget_tokens: 1024 },
  tools: [{ name: 'get_weather', input_schema: parameters }],
};
const RESPONSES = {
  model: 'public',
  store: false,
  include: ['reasoning.encrypted_content'],
  tools: [{ type: 'function', name: 'get_weather', parameters, strict: false }],
};
const GEMINI = { tools: [{ functionDeclarations: [{ name: 'get_weather', parameters }] }] };
const asked = { role: 'user', parts: [{ text: 'And the weather?' }] };

const TALKERS: Record<string, Talker> = {
  anthropic: {
    path: '/v1/messages',
    first: { ...ANTHROPIC, messages: [question] },
    second: ({ content }) => ({
      ...ANTHROPIC,
      messages: [
        question,
        { role: 'assistant', content },
        {
          role: 'user',
          content: content
            .filter(({ type }: Json) => type === 'tool_use')
            .map(({ id }: Json) => ({ type: 'tool_result', tool_use_id: id, content: 'Rain.' })),
        },
      ],
    }),
  },
  chat: {
    path: '/v1/chat/completions',
    first: { ...CHAT, messages: [question] },
    // As SDKs do that know of no reasoning: role, content and calls alone.
    second: ({ choices: [{ message }] }) => ({
      ...CHAT,
      messages: [
        question,
        { role: 'assistant', content: message.content, tool_calls: message.tool_calls },
        ...message.tool_calls.map(({ id }: Json) => ({ role: 'tool', tool_call_id: id, content: 'Rain.' })),
      ],
    }),
  },
  responses: {
    path: '/v1/responses',
    first: { ...RESPONSES, input: [question] },
    second: ({ output }) => ({
      ...RESPONSES,
      input: [
        question,
        ...output,
        ...output
          .filter(({ type }: Json) => type === 'function_call')
          .map(({ call_id }: Json) => ({ type: 'function_call_output', call_id, output: 'Rain.' })),
      ],
    }),
  },
  gemini: {
    path: '/v1beta/models/public:generateContent',
    first: { ...GEMINI, contents: [asked] },
    second: ({ candidates: [{ content }] }) => ({
      ...GEMINI,
      contents: [
        asked,
        content,
        {
          role: 'user',
          parts: content.parts
            .filter(({ functionCall }: Json) => functionCall)
            .map(({ functionCall: { id, name } }: Json) => ({
              functionResponse: { ...(id && { id }), name, response: { result: 'Rain.' } },
            })),
        },
      ],
    }),
  },
};

const pairs = Object.keys(TALKERS).flatMap((client) =>
  (Object.keys(ANSWERS) as (keyof typeof ANSWERS)[]).map((vendor) => [client, vendor] as const),
);

describe('what a vendor wants to see again', () => {
  let rig: Rig;
  afterEach(() => rig.close());

  async function talk(client: string, first: keyof typeof ANSWERS, second: keyof typeof ANSWERS): Promise<string> {
    const { path, ...talker } = TALKERS[client] as Talker;
    rig = await startOver([first]);
    rig.upstream.answer(jsonOf(JSON.stringify(ANSWERS[first])));
    const answer = await call(rig, { path, body: talker.first });
    expect([answer.status, answer.json?.error?.message]).toEqual([200, undefined]);
    const body = talker.second(answer.json);
    if (second !== first) {
      await rig.close();
      rig = await startOver([second]);
      rig.upstream.answer(jsonOf(JSON.stringify(ANSWERS[second])));
    }
    expect((await call(rig, { path, body })).status).toBe(200);
    return rig.upstream.requests.at(-1)?.body ?? '';
  }

  it.each(pairs)('comes back byte by byte through a client of %s over %s', async (client, vendor) => {
    const sent = await talk(client, vendor, vendor);
    expect(sent.split(PROOF)).toHaveLength(2);
    expect(sent).toContain('Rain.');
    expect(sent).not.toContain('slreason1_');
  });

  const changes = pairs.flatMap(([client, from]) =>
    (Object.keys(ANSWERS) as (keyof typeof ANSWERS)[])
      .filter((to) => to !== from)
      .map((to) => [client, from, to] as const),
  );
  it.each(changes)('goes to nobody else when a client of %s comes from %s to %s', async (client, from, to) => {
    // A client of the vendor's own language holds it unsealed, and no other vendor can tell whose it is.
    const sent = await talk(client, from, to);
    expect(sent).not.toContain(PROOF);
    expect(sent).not.toContain('slreason1_');
    expect(sent).toContain('Rain.');
  });

  it('is dropped with a warning where somebody changed it', async () => {
    rig = await startOver(['anthropic']);
    rig.upstream.answer(jsonOf(JSON.stringify(ANSWERS.anthropic)));
    const { path, first, second } = TALKERS['responses'] as Talker;
    const answer = await call(rig, { path, body: first });
    const body = JSON.stringify(second(answer.json)).replace(/slreason1_.{20}/, (text) => `${text.slice(0, -3)}AAA`);
    const next = await call(rig, { path, body });
    expect(next.status).toBe(200);
    expect(rig.upstream.requests.at(-1)?.body).not.toContain(PROOF);
    expect(next.headers['x-sluice-warnings']).toContain('forged-carrier');
  });
});
