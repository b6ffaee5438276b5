/** What was spent on second calls. `layers/aws/tables/hedges.ts` implements the store. */

export interface HedgeDay {
  /** `2026-11-21`, of the days that limits follow. */
  day: string;
  /** On answers that nobody got. */
  spentMicros: number;
  /** Races that were run. */
  races: number;
  /** Of them those that the second call won. */
  won: number;
}

export interface HedgeStore {
  /** Counts what a race may cost, unless the day's sum would go over the cap. */
  take(day: string, taken: { micros: number; cap: number }): Promise<boolean>;
  /** What it cost in truth. */
  settle(day: string, settled: { differenceMicros: number; races: 0 | 1; won: 0 | 1 }): Promise<void>;
  /** Days without a race are left out. */
  read(days: readonly string[]): Promise<HedgeDay[]>;
}
