import type { Clock } from '@sluice/kit/time/clock';
import type { KeptPrompt } from './prompt-cache.ts';

/** Where a conversation's prompt is kept by an upstream. Caches belong to accounts, so to credentials. */
export interface WarmPlace {
  upstream: string;
  /** The upstream's own name of the model. */
  model: string;
  credentialId: string;
  /** Of the prompt, that are kept. */
  tokens: number;
}

/**
 * Where the conversations that this process has served are warm. The draw by a conversation's opening leads every
 * process to the same credential by itself; this remembers those that were led elsewhere meanwhile, for as long as the
 * upstream keeps their prompt and no longer.
 */
export interface WarmPlaces {
  /** Null: nowhere, as far as is known. */
  find(seed: number): WarmPlace | null;
  note(seed: number, place: Omit<WarmPlace, 'tokens'>, kept: KeptPrompt): void;
}

interface Entry extends WarmPlace {
  lifeMs: number;
  until: number;
}

const MOST_PLACES = 5_000;

export function createWarmPlaces({ clock, max = MOST_PLACES }: { clock: Clock; max?: number }): WarmPlaces {
  /** The one that was used last stands last. */
  const places = new Map<number, Entry>();
  return {
    find(seed) {
      const found = places.get(seed);
      if (found === undefined) return null;
      if (found.until > clock()) return found;
      places.delete(seed);
      return null;
    },
    note(seed, { upstream, model, credentialId }, { tokens, lifeMs }) {
      const before = places.get(seed);
      const now = clock();
      // A cache that was paid for an hour says so when it is written, and not each time it is read.
      const isSame =
        before !== undefined && before.until > now && isSamePlace(before, { upstream, model, credentialId });
      const life = isSame ? Math.max(lifeMs, before.lifeMs) : lifeMs;
      places.delete(seed);
      places.set(seed, { upstream, model, credentialId, tokens, lifeMs: life, until: now + life });
      if (places.size <= max) return;
      const [oldest] = places.keys();
      if (oldest !== undefined) places.delete(oldest);
    },
  };
}

export function isSamePlace(one: Omit<WarmPlace, 'tokens'>, other: Omit<WarmPlace, 'tokens'>): boolean {
  return one.credentialId === other.credentialId && one.upstream === other.upstream && one.model === other.model;
}
