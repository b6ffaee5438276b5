import type { Price } from '../catalog/store.ts';
import { amountOf, type HeldAmounts } from './holds.ts';
import type { Limit } from './limits.ts';
import { MEASURES } from './measures.ts';
import { affordableOutput, dearestMicros, type WantedPieces } from './price.ts';

/** What a request may take at most, before anybody knows what it will take. */
export interface Demand {
  /** Estimated: UTF-8 bytes / 3, and fixed sums for media. */
  inputTokens: number;
  /** The client's own maximum for one answer; null when it set none. */
  clientMaxOutput: number | null;
  /** What the model can write at most in one answer; null when nobody knows. */
  modelMaxOutput: number | null;
  /** Answers asked for. */
  choices: number;
  /** An answer cannot be cut: it is had whole or not at all. */
  isWhole?: boolean | undefined;
  /** Of the quota class: 1, or the number of images. */
  units: number;
  /** What is charged by the piece; absent: nothing is. */
  pieces?: WantedPieces | undefined;
  /** The dearest of the candidates' prices. */
  price: Price | null;
}

/** What is known of a counter. Right after an answer of the store both are the same. */
export interface KnownUse {
  /** The counter stands at least here, whatever is given back meanwhile. */
  atLeast(counter: string): number;
  /** Where it probably stands. */
  likely(counter: string): number;
}

export interface Refusal {
  limit: Limit;
  /**
   * `blocked`: the limit is 0; `too-large`: the request alone is more than the limit; `used-up`; `in-use`: what is
   * missing is held by requests under way.
   */
  reason: 'blocked' | 'too-large' | 'used-up' | 'in-use';
}

export type Decision =
  | { kind: 'refused'; refusal: Refusal }
  | {
      kind: 'hold';
      amounts: HeldAmounts;
      /** What one answer may have at most, where that is less than the client and the model would allow; else null. */
      outputCap: number | null;
      /** A hard limit had no room for the whole answer, as far as is known. */
      isShort: boolean;
    };

/** Assumed where neither the client nor the model's row says how long an answer may become. */
const UNKNOWN_OUTPUT_TOKENS = 4_096;
/** A soft limit holds no more output than this: it is there against floods, not to the last token. */
const SOFT_OUTPUT_TOKENS = 1_000;
/** An answer that is cut shorter than this is worth nothing to anybody. */
const LEAST_OUTPUT_TOKENS = 16;

/**
 * What to hold for a request under its limits, or which of them refuses it. Hard limits (money, plans) bound the
 * answer's length to what is left; soft ones take a usual length.
 */
export function decide(limits: readonly Limit[], demand: Demand, use: KnownUse): Decision {
  const blocked = limits.find((limit) => limit.limit === 0);
  if (blocked) return { kind: 'refused', refusal: { limit: blocked, reason: 'blocked' } };
  const output = outputToHold(limits, demand, use);
  const amounts = amountsFor(demand, output);
  for (const limit of limits) {
    const amount = amountOf(limit.letter, amounts);
    if (amount > limit.limit) return { kind: 'refused', refusal: { limit, reason: 'too-large' } };
    if (use.atLeast(limit.counter) > limit.limit - amount) {
      return { kind: 'refused', refusal: { limit, reason: 'used-up' } };
    }
  }
  const isCapped = output.perChoice < (allowedOutput(demand) ?? Infinity) && limits.some(isHard);
  return { kind: 'hold', amounts, outputCap: isCapped ? output.perChoice : null, isShort: output.isShort };
}

function isHard({ letter }: Limit): boolean {
  const { amount } = MEASURES[letter];
  return amount === 'micros' || amount === 'hardTokens';
}

interface Output {
  perChoice: number;
  /** Of all answers together. */
  hard: number;
  isShort: boolean;
}

function allowedOutput({ clientMaxOutput, modelMaxOutput }: Demand): number | null {
  if (clientMaxOutput === null || modelMaxOutput === null) return clientMaxOutput ?? modelMaxOutput;
  return Math.min(clientMaxOutput, modelMaxOutput);
}

function outputToHold(limits: readonly Limit[], demand: Demand, use: KnownUse): Output {
  const wanted = allowedOutput(demand) ?? UNKNOWN_OUTPUT_TOKENS;
  const least = demand.isWhole ? wanted : Math.min(wanted, LEAST_OUTPUT_TOKENS);
  let perChoice = wanted;
  for (const limit of limits) {
    if (!isHard(limit)) continue;
    const room = limit.limit - use.likely(limit.counter);
    const left = limit.letter === 'p' ? room - demand.inputTokens : affordableOutput({ ...demand, micros: room });
    perChoice = Math.min(perChoice, Math.floor(left / demand.choices));
  }
  // With less than the least the store has the last word: what was seen last may be old.
  perChoice = Math.max(perChoice, least);
  return { perChoice, hard: perChoice * demand.choices, isShort: perChoice < wanted };
}

function amountsFor(demand: Demand, output: Output): HeldAmounts {
  const softOutput = Math.min(demand.clientMaxOutput ?? SOFT_OUTPUT_TOKENS, SOFT_OUTPUT_TOKENS);
  return {
    softTokens: demand.inputTokens + softOutput,
    hardTokens: demand.inputTokens + output.hard,
    micros: dearestMicros(demand.inputTokens, output.hard, demand.price, demand.pieces),
    units: demand.units,
  };
}
