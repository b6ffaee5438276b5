import fc from 'fast-check';
import type { AssistantPart, ReasoningCarrier } from '@sluice/llm/neutral/parts';
import type { NeutralResponse } from '@sluice/llm/neutral/response';
import type { UsageFigures } from '@sluice/llm/formats/usage-figures';
import { callPart, someResponse, someText, textPart, usageFigures } from './neutral-arbitraries.ts';

const thought: fc.Arbitrary<AssistantPart> = someText.map((text) => ({ type: 'reasoning', text }));

/** Answers that every language tells in the same way. */
export const commonAnswer: fc.Arbitrary<NeutralResponse> = someResponse({
  parts: [thought, textPart, callPart, callPart],
  finishes: ['stop', 'length'],
  usage: usageFigures,
})
  .filter(({ choices }) => choices[0]?.content.some(({ type }) => type !== 'reasoning') ?? false)
  .map((answer) => ({ ...withDistinctIds(answer), serviceTier: null }));

function withDistinctIds(answer: NeutralResponse): NeutralResponse {
  const choices = answer.choices.map((choice) => ({
    ...choice,
    content: choice.content.map((part, at) => (part.type === 'tool-call' ? { ...part, id: `call_${at}` } : part)),
  }));
  return { ...answer, choices };
}

/** What no way through another language may change. */
export function told({ choices }: NeutralResponse): unknown {
  return choices.map(({ content, finish }) => ({
    content: content.map((part) => {
      switch (part.type) {
        case 'text':
        case 'reasoning':
          return { [part.type]: part.text };
        case 'tool-call':
          return { call: part.id, name: part.name, arguments: JSON.parse(part.arguments) as unknown };
        default:
          return part;
      }
    }),
    finish: finish.reason,
  }));
}

/** What the figures add up to: all that a wire's totals can say. */
export function totals(usage: UsageFigures | null): { input: number; output: number } {
  if (usage === null) return { input: -1, output: -1 };
  const { input, cacheRead, cacheWrite5m, cacheWrite1h, output, reasoning, images, audio } = usage;
  return { input: input + cacheRead + cacheWrite5m + cacheWrite1h, output: output + reasoning + images + audio };
}

/** Answers whose reasoning, texts and calls carry what their origin must see again. */
export function carryingAnswer(
  origin: string,
  carriable: readonly AssistantPart['type'][],
): fc.Arbitrary<NeutralResponse> {
  const carrier: fc.Arbitrary<ReasoningCarrier> = fc
    .uint8Array({ minLength: 24, maxLength: 40 })
    .map((bytes) => ({ origin, kind: 'signature', data: Buffer.from(bytes).toString('base64') }));
  const carried = (part: fc.Arbitrary<AssistantPart>): fc.Arbitrary<AssistantPart> =>
    fc.tuple(part, carrier).map(([bare, signed]) => ({ ...bare, carrier: signed }) as AssistantPart);
  const parts: Partial<Record<AssistantPart['type'], fc.Arbitrary<AssistantPart>>> = {
    reasoning: carried(thought),
    text: carriable.includes('text') ? fc.oneof(textPart, carried(textPart)) : textPart,
    'tool-call': carriable.includes('tool-call') ? carried(callPart) : callPart,
  };
  return someResponse({
    parts: [parts.reasoning, parts.text, parts['tool-call'], callPart] as fc.Arbitrary<AssistantPart>[],
    finishes: ['stop'],
  })
    .map(withDistinctIds)
    .filter(({ choices }) => (choices[0]?.content.at(-1)?.type ?? 'reasoning') !== 'reasoning');
}
