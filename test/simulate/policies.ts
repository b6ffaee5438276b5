import { cooldown, type Rest } from '../../layers/core/credentials/cooldown.ts';

/** How accounts are chosen: by the gateway's own code, with something of it changed, or in a simpler way. */
export interface Policy {
  name: string;
  kind: 'gateway' | 'fixed' | 'by-turns';
  /** Instead of the gateway's own. */
  cooldown?: typeof cooldown;
  /** Where prompts are kept is forgotten. */
  forgetsWarmPlaces?: true;
  /** A second account is asked after the time within which this part of streams began. */
  hedgeAt?: number;
  /** Of `fixed`: how long an account rests after any failure. */
  restMs?: number;
}

const MINUTE = 60_000;

export const DEFAULTS: Policy = { name: 'sluice', kind: 'gateway' };

export const POLICIES: readonly Policy[] = [
  DEFAULTS,
  { name: 'own rests × ¼', kind: 'gateway', cooldown: scaled(0.25) },
  { name: 'own rests × 4', kind: 'gateway', cooldown: scaled(4) },
  { name: 'own rests × 30', kind: 'gateway', cooldown: scaled(30) },
  { name: 'headers not read', kind: 'gateway', cooldown: deaf },
  { name: 'no warm places', kind: 'gateway', forgetsWarmPlaces: true },
  { name: 'hedged at 95 %', kind: 'gateway', hedgeAt: 0.95 },
  { name: 'hedged at 90 %', kind: 'gateway', hedgeAt: 0.9 },
  { name: 'parks 30 s', kind: 'fixed', restMs: 30_000 },
  { name: 'parks 10 min', kind: 'fixed', restMs: 10 * MINUTE },
  { name: 'by turns', kind: 'by-turns' },
];

/** Rests that are our own guess are so many times as long. */
function scaled(factor: number): typeof cooldown {
  return (failure, rests, now) => {
    const rest = cooldown(failure, rests, now);
    if (rest === null || rest.ownWord) return rest;
    return { ...rest, until: now + (rest.until - now) * factor };
  };
}

/** Only statuses are looked at. */
function deaf(...[failure, rests, now]: Parameters<typeof cooldown>): Rest | null {
  if (failure.kind !== 'status') return cooldown(failure, rests, now);
  return cooldown({ ...failure, headers: {} }, rests, now);
}
