import type { StreamPart } from './stream.ts';

/**
 * Puts blocks that a vendor interleaves one after the other, for formats that know only one open block: what belongs to
 * a later block waits until those before it have ended. Blocks keep their numbers, which are the order of their starts.
 */
export interface BlockQueue {
  push(part: StreamPart): readonly StreamPart[];
}

type Blocked = Extract<StreamPart, { block: number }>;

export function createBlockQueue(): BlockQueue {
  /** The one block whose parts go out at once; null when none is open. */
  let current: number | null = null;
  /** Parts of later blocks, in the order of their starts. */
  const waiting = new Map<number, Blocked[]>();

  const release = (): StreamPart[] => {
    const out: StreamPart[] = [];
    for (const [block, parts] of waiting) {
      waiting.delete(block);
      out.push(...parts);
      if (parts.at(-1)?.type !== 'block-end') {
        current = block;
        break;
      }
    }
    return out;
  };

  return {
    push(part) {
      if (!('block' in part)) return [part];
      if (current === null && part.type === 'block-start') current = part.block;
      if (part.block !== current) {
        const held = waiting.get(part.block);
        if (held) held.push(part);
        else waiting.set(part.block, [part]);
        return [];
      }
      if (part.type !== 'block-end') return [part];
      current = null;
      return waiting.size === 0 ? [part] : [part, ...release()];
    },
  };
}
