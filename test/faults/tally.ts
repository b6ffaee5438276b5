import type { Played } from './campaigns.ts';

/** Counts of faults by place and kind, and the runs in which a promise broke. */
export interface Tally {
  runs: number;
  faults: number;
  failures: Played[];
  add(played: Played): void;
  /** Lines of a table, for a terminal. */
  lines(): string[];
}

export function createTally(): Tally {
  const counts = new Map<string, Map<string, number>>();
  const tally: Tally = {
    runs: 0,
    faults: 0,
    failures: [],
    add(played) {
      tally.runs += 1;
      if (played.broken.length > 0) tally.failures.push(played);
      for (const { place, fault } of played.faults) {
        tally.faults += 1;
        const kinds = counts.get(place) ?? new Map<string, number>();
        kinds.set(fault!, (kinds.get(fault!) ?? 0) + 1);
        counts.set(place, kinds);
      }
    },
    lines() {
      const width = Math.max(0, ...[...counts.keys()].map((place) => place.length));
      const rows = [...counts].toSorted(([left], [right]) => (left < right ? -1 : 1));
      return rows.map(([place, kinds]) => {
        const total = [...kinds.values()].reduce((sum, count) => sum + count, 0);
        const each = [...kinds].toSorted(([left], [right]) => (left < right ? -1 : 1));
        const text = each.map(([fault, count]) => `${fault} ${count}`).join(', ');
        return `${place.padEnd(width)}  ${String(total).padStart(6)}  ${text}`;
      });
    },
  };
  return tally;
}

/** A broken run as a person reads it: what broke, how to see it again, and everything that happened. */
export function describeFailure({ scenario, replay, faults, broken, log }: Played): string {
  const lines = [
    `${broken.length === 0 ? '✓' : '✗'} ${scenario}`,
    ...broken.map((promise) => `    broken: ${promise}`),
    ...faults.map(({ index, place, fault }) => `    fault ${index}: ${fault} at ${place}`),
    `    again: npm run faults -- ${replay}`,
    ...log.map((entry) => `      ${entry}`),
  ];
  return lines.join('\n');
}
