import fc from 'fast-check';
import { createBlockQueue } from '@sluice/llm/neutral/block-queue';
import { foldStream } from '@sluice/llm/neutral/fold';
import { createGrammar } from '@sluice/llm/neutral/grammar';
import type { StreamPart } from '@sluice/llm/neutral/stream';

/** Tool calls whose pieces come in any mix, as a list of block numbers to speak next. */
function interleave(turns: readonly number[], blocks: number): StreamPart[] {
  const parts: StreamPart[] = [{ type: 'response-start', id: 'r', model: 'm', usage: null }];
  let started = 0;
  const open = new Set<number>();
  for (const turn of turns) {
    if (turn >= started && started < blocks) {
      const content = { type: 'tool-call', id: `call-${started}`, name: 'f' } as const;
      parts.push({ type: 'block-start', block: started, choice: 0, content });
      open.add(started);
      started += 1;
    } else if (open.has(turn)) {
      parts.push({ type: 'arguments-delta', block: turn, text: `${turn}` });
    }
  }
  for (const block of [...open].toReversed()) parts.push({ type: 'block-end', block });
  parts.push({ type: 'choice-end', choice: 0, finish: { reason: 'tool-calls', stopSequence: null } });
  parts.push({ type: 'response-end', usage: null, serviceTier: null });
  return parts;
}

describe('the block queue', () => {
  test('never has two blocks open, loses nothing and keeps every block’s own order', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(4), { maxLength: 40 }), (turns) => {
        const parts = interleave(turns, 5);
        const queue = createBlockQueue();
        const out = parts.flatMap((part) => queue.push(part));
        let open = 0;
        const grammar = createGrammar();
        for (const part of out) {
          grammar.push(part);
          if (part.type === 'block-start') open += 1;
          expect(open).toBeLessThanOrEqual(1);
          if (part.type === 'block-end') open -= 1;
        }
        grammar.end();
        expect(out).toHaveLength(parts.length);
        expect(foldStream(out)).toEqual(foldStream(parts));
      }),
    );
  });

  test('lets the open block’s parts pass at once', () => {
    const queue = createBlockQueue();
    const start = { type: 'block-start', block: 0, choice: 0, content: { type: 'text' } } as const;
    expect(queue.push(start)).toEqual([start]);
    const delta = { type: 'text-delta', block: 0, text: 'a' } as const;
    expect(queue.push(delta)).toEqual([delta]);
  });
});
