import type { Citation, UserPart } from '@sluice/llm/neutral/parts';
import type { AssistantPart } from '@sluice/llm/neutral/parts';
import type { NeutralRequest, NeutralTool, Sampling } from '@sluice/llm/neutral/request';
import type { NeutralResponse } from '@sluice/llm/neutral/response';
import { NOTHING_ASKED } from './neutral-arbitraries.ts';
import type { ClientSide } from './pairs.ts';
import { NO_FIGURES } from '@sluice/llm/formats/usage-figures';

/** One thing that a client may ask for: a request of which it is the only feature, and whether a request has it. */
export interface RequestProbe {
  name: string;
  ask(client: ClientSide['name']): NeutralRequest;
  has(request: NeutralRequest): boolean;
}

/** One thing that an answer may hold. */
export interface AnswerProbe {
  name: string;
  answer: NeutralResponse;
  has(answer: NeutralResponse): boolean;
  /** What stands for it in texts, where there is no other place. */
  inWords?: string;
}

const HELLO: NeutralRequest['messages'] = [{ role: 'user', content: [{ type: 'text', text: 'Hello.' }] }];

function asking(known: Partial<NeutralRequest>): NeutralRequest {
  return {
    ...NOTHING_ASKED,
    model: 'm',
    messages: HELLO,
    maxOutputTokens: 20_000,
    extras: { format: 'neutral', members: {} },
    ...known,
  };
}

const WEATHER: NeutralTool = {
  type: 'function',
  name: 'weather',
  description: 'Tells the weather.',
  parameters: {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  },
  strict: null,
};
const CLOCK: NeutralTool = { ...WEATHER, name: 'clock', description: 'Tells the time.' };
const SCHEMA = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'], additionalProperties: false };

/** A probe of one plain member. */
function member<Name extends keyof NeutralRequest>(name: string, key: Name, value: NeutralRequest[Name]): RequestProbe {
  return { name, ask: () => asking({ [key]: value }), has: (request) => same(request[key], value) };
}

function sampling<Name extends keyof Sampling>(name: string, key: Name, value: Sampling[Name]): RequestProbe {
  const asked = { ...NOTHING_ASKED.sampling, [key]: value };
  return { name, ask: () => asking({ sampling: asked }), has: (request) => same(request.sampling[key], value) };
}

function shown(name: string, part: UserPart): RequestProbe {
  return {
    name,
    ask: () => asking({ messages: [{ role: 'user', content: [{ type: 'text', text: 'See:' }, part] }] }),
    has: ({ messages }) => messages.some(({ content }) => content.some(({ type }) => type === part.type)),
  };
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function tools(name: string, known: Partial<NeutralRequest>, has: RequestProbe['has']): RequestProbe {
  return { name, ask: () => asking({ tools: [WEATHER, CLOCK], ...known }), has };
}

function results(
  name: string,
  part: Partial<Extract<UserPart, { type: 'tool-result' }>>,
  has: RequestProbe['has'],
): RequestProbe {
  const made = ['one', 'two'].map((id): AssistantPart => ({
    type: 'tool-call',
    id,
    name: 'weather',
    arguments: '{"city":"Paris"}',
  }));
  const given = ['one', 'two'].map((callId): UserPart => ({
    type: 'tool-result',
    callId,
    name: 'weather',
    content: [{ type: 'text', text: 'mild' }],
    isError: false,
    ...part,
  }));
  const messages: NeutralRequest['messages'] = [
    ...HELLO,
    { role: 'assistant', content: made },
    { role: 'user', content: given },
  ];
  return { name, ask: () => asking({ tools: [WEATHER], messages }), has };
}

function resultsOf({ messages }: NeutralRequest): Extract<UserPart, { type: 'tool-result' }>[] {
  return messages.flatMap(({ content }) => (content as UserPart[]).filter((part) => part.type === 'tool-result'));
}

const PNG = { kind: 'base64', mediaType: 'image/png', data: 'iVBORw0KGgo=' } as const;
const WISH = { enabled: null, effort: null, budgetTokens: null, show: null, summary: null };

/** As each language's clients declare it. */
const SEARCH: Record<ClientSide['name'], NeutralRequest['extras']['members']> = {
  'openai-chat': { type: 'web_search' },
  'openai-responses': { type: 'web_search' },
  'anthropic-messages': { type: 'web_search_20250305', name: 'web_search' },
  gemini: { googleSearch: {} },
};

export const REQUEST_PROBES: readonly RequestProbe[] = [
  {
    name: 'system prompt',
    ask: () =>
      asking({
        messages: [{ role: 'system', as: 'system', content: [{ type: 'text', text: 'Be brief.' }] }, ...HELLO],
      }),
    has: ({ messages }) => messages[0]?.role === 'system',
  },
  {
    name: 'instructions in mid-conversation',
    ask: () =>
      asking({
        messages: [
          ...HELLO,
          { role: 'assistant', content: [{ type: 'text', text: 'Hi.' }] },
          { role: 'system', as: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
          ...HELLO,
        ],
      }),
    has: ({ messages }) => messages.some(({ role }, index) => role === 'system' && index > 0),
  },
  {
    name: 'several turns',
    ask: () =>
      asking({ messages: [...HELLO, { role: 'assistant', content: [{ type: 'text', text: 'Hi.' }] }, ...HELLO] }),
    has: ({ messages }) => messages.map(({ role }) => role).join() === 'user,assistant,user',
  },
  {
    name: 'an answer that the client began (prefill)',
    ask: () => asking({ messages: [...HELLO, { role: 'assistant', content: [{ type: 'text', text: '{' }] }] }),
    has: ({ messages }) => messages.at(-1)?.role === 'assistant',
  },
  shown('images', { type: 'image', source: PNG }),
  shown('images by URL', {
    type: 'image',
    source: { kind: 'url', url: 'https://example.com/a.png', mediaType: 'image/png' },
  }),
  shown('PDFs', {
    type: 'document',
    source: { kind: 'base64', mediaType: 'application/pdf', data: 'JVBERi0xLjQK' },
    name: null,
  }),
  shown('audio', { type: 'audio', source: { kind: 'base64', mediaType: 'audio/wav', data: 'UklGRg==' } }),
  shown('video by URL', {
    type: 'video',
    source: { kind: 'url', url: 'https://example.com/a.mp4', mediaType: 'video/mp4' },
  }),
  tools('tools', {}, ({ tools: declared }) => declared.length === 2),
  tools('tool choice: none', { toolChoice: { type: 'none' } }, ({ toolChoice }) => toolChoice?.type === 'none'),
  tools('tool choice: any', { toolChoice: { type: 'required' } }, ({ toolChoice }) => toolChoice?.type === 'required'),
  tools('tool choice: one tool', { toolChoice: { type: 'tool', name: 'clock' } }, ({ toolChoice }) =>
    ['tool', 'allowed'].includes(toolChoice?.type ?? ''),
  ),
  tools(
    'tool choice: some tools',
    { toolChoice: { type: 'allowed', names: ['clock'], required: true } },
    ({ toolChoice }) => ['tool', 'allowed'].includes(toolChoice?.type ?? ''),
  ),
  tools('no parallel tool calls', { parallelToolCalls: false }, ({ parallelToolCalls }) => parallelToolCalls === false),
  results('parallel calls and their results', {}, (request) => resultsOf(request).length === 2),
  results('results that failed', { isError: true }, (request) => resultsOf(request).some(({ isError }) => isError)),
  results(
    'results with images',
    {
      content: [
        { type: 'text', text: 'see' },
        { type: 'image', source: PNG },
      ],
    },
    ({ messages }) => JSON.stringify(messages).includes(PNG.data),
  ),
  {
    name: 'custom tools (free text)',
    ask: () => asking({ tools: [{ type: 'custom', name: 'shell', description: 'Runs.', grammar: null }] }),
    has: ({ tools: declared }) => declared[0]?.type === 'custom',
  },
  {
    name: 'web search by the vendor',
    ask: (client) =>
      asking({ tools: [{ type: 'hosted', kind: 'web-search', native: { format: client, value: SEARCH[client] } }] }),
    has: ({ tools: declared }) => declared[0]?.type === 'hosted',
  },
  member('JSON answers', 'output', { type: 'json' }),
  {
    name: 'answers after a JSON schema',
    ask: () => asking({ output: { type: 'json-schema', name: 'a', description: null, schema: SCHEMA, strict: true } }),
    has: ({ output }) => output?.type === 'json-schema',
  },
  {
    name: 'reasoning effort',
    ask: () => asking({ reasoning: { ...WISH, effort: 'low' } }),
    has: ({ reasoning }) => reasoning?.effort === 'low',
  },
  {
    name: 'reasoning budget',
    ask: () => asking({ reasoning: { ...WISH, enabled: true, budgetTokens: 4_000 } }),
    has: ({ reasoning }) => reasoning?.budgetTokens === 4_000,
  },
  {
    name: 'prompt cache marks',
    ask: () =>
      asking({ messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello.', cache: { ttl: '5m' } }] }] }),
    has: ({ messages }) => JSON.stringify(messages).includes('"ttl":"5m"'),
  },
  member('prompt cache key', 'cacheKey', 'conversation-1'),
  sampling('temperature up to 1', 'temperature', 0.5),
  sampling('temperature above 1', 'temperature', 1.5),
  sampling('top-p', 'topP', 0.5),
  sampling('top-k', 'topK', 20),
  sampling('frequency penalty', 'frequencyPenalty', 0.5),
  sampling('presence penalty', 'presencePenalty', 0.5),
  sampling('seed', 'seed', 7),
  sampling('stop sequences', 'stop', ['END']),
  sampling('logit bias', 'logitBias', { '50256': -100 }),
  sampling('log probabilities', 'logprobs', true),
  member('several answers (n)', 'choices', 2),
  member('end user', 'endUser', 'user-1'),
  member('metadata', 'metadata', { a: 'b' }),
  member('service tier', 'serviceTier', 'priority'),
  member('verbosity', 'verbosity', 'low'),
  member('images in answers', 'modalities', ['text', 'image']),
];

function answering(content: AssistantPart[], known: Partial<NeutralResponse> = {}): NeutralResponse {
  return {
    id: 'msg_1',
    model: 'upstream-model',
    choices: [{ content, finish: { reason: 'stop', stopSequence: null } }],
    usage: USAGE,
    serviceTier: null,
    ...known,
  };
}

const USAGE = {
  ...NO_FIGURES,
  input: 10,
  output: 5,
};
const TEXT: AssistantPart = { type: 'text', text: 'Hello there.' };
const CITED: Citation = { start: 0, end: 5, title: 'A', url: 'https://example.com/a', citedText: 'Hello' };

function saying(name: string, part: AssistantPart): AnswerProbe {
  return {
    name,
    answer: answering([part, TEXT]),
    has: ({ choices }) => choices[0]?.content.some(({ type }) => type === part.type) ?? false,
  };
}

function counting(name: string, key: keyof typeof USAGE): AnswerProbe {
  const usage = { ...USAGE, [key]: 3 };
  return { name, answer: answering([TEXT], { usage }), has: (answer) => answer.usage?.[key] === 3 };
}

export const ANSWER_PROBES: readonly AnswerProbe[] = [
  saying('text', TEXT),
  {
    name: 'parallel tool calls',
    answer: answering(
      ['one', 'two'].map((id) => ({ type: 'tool-call', id, name: 'weather', arguments: '{"city":"Paris"}' })),
    ),
    has: ({ choices }) => choices[0]?.content.filter(({ type }) => type === 'tool-call').length === 2,
  },
  saying('reasoning', { type: 'reasoning', text: 'Hm.' }),
  { ...saying('refusals', { type: 'refusal', text: 'No.' }), answer: answering([{ type: 'refusal', text: 'No.' }]) },
  {
    name: 'citations',
    answer: answering([{ type: 'text', text: 'Hello there.', citations: [CITED] }]),
    has: ({ choices }) =>
      choices[0]?.content.some((part) => part.type === 'text' && (part.citations?.length ?? 0) > 0) ?? false,
  },
  { ...saying('images', { type: 'image', source: PNG }), inWords: `![image](data:image/png;base64,${PNG.data})` },
  {
    ...saying('audio', {
      type: 'audio',
      source: { kind: 'base64', mediaType: 'audio/wav', data: 'UklGRg==' },
      transcript: 'What is spoken.',
    }),
    inWords: 'What is spoken.',
  },
  {
    name: 'several answers',
    answer: {
      ...answering([TEXT]),
      choices: [1, 2].map(() => ({ content: [TEXT], finish: { reason: 'stop', stopSequence: null } })),
    },
    has: ({ choices }) => choices.length === 2,
  },
  {
    name: 'log probabilities',
    answer: {
      ...answering([TEXT]),
      choices: [
        {
          content: [TEXT],
          finish: { reason: 'stop', stopSequence: null },
          logprobs: { content: [{ token: 'Hello', logprob: -0.5, bytes: null, top_logprobs: [] }] },
        },
      ],
    },
    has: ({ choices }) => choices[0]?.logprobs != null,
  },
  {
    name: 'which stop sequence was met',
    answer: {
      ...answering([TEXT]),
      choices: [{ content: [TEXT], finish: { reason: 'stop-sequence', stopSequence: 'END' } }],
    },
    has: ({ choices }) => choices[0]?.finish.stopSequence === 'END',
  },
  counting('usage: read from the cache', 'cacheRead'),
  counting('usage: written to the cache', 'cacheWrite5m'),
  counting('usage: reasoning', 'reasoning'),
  {
    name: 'service tier',
    answer: answering([TEXT], { serviceTier: 'priority' }),
    has: ({ serviceTier }) => serviceTier === 'priority',
  },
];
