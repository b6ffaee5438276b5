/**
 * Names of worlds, each by 64 bits of a hash, with a number beside it. Maps end at some 16 million entries, and texts of
 * that many would not fit. That two of fifty million worlds share a hash has a chance of one in fifteen thousand.
 */
export interface Visited {
  readonly size: number;
  /** Undefined: not met yet. */
  get(name: string): number | undefined;
  set(name: string, value: number): void;
}

/** Under Jest a global is slow to find, and this one is asked for with every character. */
const { imul } = Math;
const FIRST_SLOTS = 1 << 16;
const FULLEST = 0.6;

export function createVisited(): Visited {
  let [low, high, values] = tables(FIRST_SLOTS);
  let size = 0;
  const hash = { low: 0, high: 0 };
  const slotOf = (): number => {
    const mask = low.length - 1;
    let slot = hash.low & mask;
    while (!isFree(slot) && (low[slot] !== hash.low || high[slot] !== hash.high)) slot = (slot + 1) & mask;
    return slot;
  };
  const isFree = (slot: number): boolean => low[slot] === 0 && high[slot] === 0;
  const grow = (): void => {
    const [oldLow, oldHigh, oldValues] = [low, high, values];
    [low, high, values] = tables(oldLow.length * 2);
    for (let old = 0; old < oldLow.length; old += 1) {
      hash.low = oldLow[old]!;
      hash.high = oldHigh[old]!;
      if (hash.low === 0 && hash.high === 0) continue;
      const slot = slotOf();
      low[slot] = hash.low;
      high[slot] = hash.high;
      values[slot] = oldValues[old]!;
    }
  };
  return {
    get size() {
      return size;
    },
    get(name) {
      hashText(name, hash);
      const slot = slotOf();
      return isFree(slot) ? undefined : values[slot];
    },
    set(name, value) {
      hashText(name, hash);
      let slot = slotOf();
      if (isFree(slot)) {
        if (size >= low.length * FULLEST) {
          grow();
          hashText(name, hash);
          slot = slotOf();
        }
        size += 1;
        low[slot] = hash.low;
        high[slot] = hash.high;
      }
      values[slot] = value;
    },
  };
}

function tables(slots: number): [Uint32Array, Uint32Array, Float64Array] {
  return [new Uint32Array(slots), new Uint32Array(slots), new Float64Array(slots)];
}

/** cyrb53 with both halves whole: https://github.com/bryc/code/blob/master/jshash/experimental/cyrb53.js */
function hashText(text: string, into: { low: number; high: number }): void {
  let [one, two] = [0xdeadbeef, 0x41c6ce57];
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    one = imul(one ^ code, 2_654_435_761);
    two = imul(two ^ code, 1_597_334_677);
  }
  one = imul(one ^ (one >>> 16), 2_246_822_507) ^ imul(two ^ (two >>> 13), 3_266_489_909);
  two = imul(two ^ (two >>> 16), 2_246_822_507) ^ imul(one ^ (one >>> 13), 3_266_489_909);
  into.low = one >>> 0;
  // Zero in both halves means a free place.
  into.high = one === 0 && two === 0 ? 1 : two >>> 0;
}
