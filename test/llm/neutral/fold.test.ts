import { foldStream } from '@sluice/llm/neutral/fold';
import { createGrammar } from '@sluice/llm/neutral/grammar';
import type { NeutralResponse } from '@sluice/llm/neutral/response';
import type { StreamPart } from '@sluice/llm/neutral/stream';
import { unfoldResponse } from '@sluice/llm/neutral/unfold';
import { NO_FIGURES } from '@sluice/llm/formats/usage-figures';

const RESPONSE: NeutralResponse = {
  id: 'r-1',
  model: 'm',
  choices: [
    {
      content: [
        { type: 'reasoning', text: 'hm', carrier: { origin: 'o', kind: 'signature', data: 'sig' } },
        {
          type: 'text',
          text: 'It is so.',
          citations: [{ start: 0, end: 2, title: 't', url: 'https://a.example', citedText: null }],
        },
        { type: 'tool-call', id: 'c1', name: 'f', arguments: '{"a":1}' },
        { type: 'tool-call', id: 'c2', name: 'g', arguments: '', custom: true },
        { type: 'vendor', format: 'gemini', value: { executableCode: { code: '1' } } },
      ],
      finish: { reason: 'tool-calls', stopSequence: null },
      logprobs: { content: [{ token: 'It', logprob: -0.1 }] },
    },
    { content: [{ type: 'refusal', text: 'No.' }], finish: { reason: 'refusal', stopSequence: null } },
  ],
  usage: { ...NO_FIGURES, input: 1, cacheRead: 2, cacheWrite5m: 3, cacheWrite1h: 4, output: 5, reasoning: 6 },
  serviceTier: 'default',
};

describe('folding a stream', () => {
  test('gives back the answer that was unfolded into it', () => {
    expect(foldStream(unfoldResponse(RESPONSE))).toEqual(RESPONSE);
  });

  test('is fed by an unfolded answer that keeps the grammar', () => {
    const grammar = createGrammar();
    for (const part of unfoldResponse(RESPONSE)) grammar.push(part);
    expect(() => grammar.end()).not.toThrow();
  });

  test('joins log probabilities that come in pieces', () => {
    const piece = (token: string): StreamPart => ({ type: 'logprobs', choice: 0, logprobs: { content: [{ token }] } });
    const { choices } = foldStream([piece('a'), piece('b')]);
    expect(choices[0]?.logprobs).toEqual({ content: [{ token: 'a' }, { token: 'b' }] });
  });
});
