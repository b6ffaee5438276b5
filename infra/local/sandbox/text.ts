import { createHash } from 'node:crypto';

/**
 * Deterministic text: the same seed gives the same words, and the words do not fall into a loop (some clients stop
 * when an answer repeats itself).
 */
const WORDS = (
  'amber anchor apple autumn basket beacon birch blanket bridge bright brook candle canyon cedar chalk cherry circle ' +
  'clay clover cloud coast copper coral cotton cradle crystal current daisy dawn desert distant drift eager early ' +
  'east echo ember evening fabric falcon feather fern field forest fresh garden gentle ginger glass golden granite ' +
  'green grove harbor harvest hazel hidden hollow honey horizon island ivory jasmine journey kettle kind lantern ' +
  'large laurel leaf lemon letter light lilac linen little lively lunar maple marble market meadow mellow mild mint ' +
  'mirror morning moss mountain narrow nectar nimble north oak ocean olive open orange orchard paper patient pearl ' +
  'pebble pine plain plum polished pond prairie quick quiet quill rain raven reed ribbon ridge river robin rose ' +
  'round saffron sage sail sand season shadow shell silver simple slate slow small smooth snow soft song south spark ' +
  'spring spruce steady stone story stream summer sun swift tender thistle thread tide timber trail true tulip ' +
  'valley velvet violet walnut warm water wave west wheat willow wind winter wonder wooden yellow young'
).split(' ');

/** Numbers in [0, 1), always the same for a seed (mulberry32 over a SHA-256 of the seed). */
export function createRandom(seed: string): () => number {
  let state = createHash('sha256').update(seed).digest().readUInt32LE(0);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function pickWord(random: () => number): string {
  return WORDS[Math.floor(random() * WORDS.length)] ?? 'amber';
}

/** A hexadecimal name of a seed. */
export function hexOf(seed: string, characters: number): string {
  return createHash('sha256').update(seed).digest('hex').slice(0, characters);
}

/** Pieces of text, one word each with the space before it, sentences of 5 to 12 words. One piece counts as one token. */
export function writePieces(seed: string, count: number): string[] {
  const random = createRandom(seed);
  const pieces: string[] = [];
  let leftInSentence = 0;
  let opening = true;
  while (pieces.length < count) {
    if (leftInSentence === 0) {
      leftInSentence = 5 + Math.floor(random() * 8);
      opening = true;
    }
    const word = pickWord(random);
    leftInSentence -= 1;
    const cased = opening ? word.charAt(0).toUpperCase() + word.slice(1) : word;
    const isLast = leftInSentence === 0 || pieces.length === count - 1;
    pieces.push(`${pieces.length === 0 ? '' : ' '}${cased}${isLast ? '.' : ''}`);
    opening = false;
  }
  return pieces;
}

/** Splits given text into pieces as a tokenizer would: a word with its leading space, at most 8 characters each. */
export function splitPieces(text: string): string[] {
  return text.match(/\s?[^\s]{1,8}|\s/gu) ?? [];
}
