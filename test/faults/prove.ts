import type { Breakage } from './breakage.ts';
import { BREAKAGES } from './breakages.ts';
import { installBrokenSources } from './broken-source.ts';
import type * as Campaigns from './campaigns.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';

/** What became of one line that was broken on purpose. */
interface Proof {
  breakage: Breakage;
  /** Names of the promises that were seen to break. */
  seen: readonly string[];
  /** What was said of the promise that had to break; null: it was kept. */
  example: string | null;
  /** Why this proves nothing: the run is not whole without the breakage either, or its faults met nothing. */
  flaw: string | null;
}

let areHooksInstalled = false;

/** Plays the breakage's run twice: as the source is, and with the one line broken. */
async function prove(breakage: Breakage): Promise<Proof> {
  if (!areHooksInstalled) installBrokenSources();
  areHooksInstalled = true;
  const whole = (await import('./campaigns.ts')) as typeof Campaigns;
  const scenario = SCENARIOS.find(({ name }) => name === breakage.scenario);
  if (!scenario) throw new TypeError(`Unknown scenario: ${breakage.scenario}`);
  const control = await whole.playScript(scenario, breakage.faults ?? []);
  const run = await playBroken(breakage, scenario).catch(endless);
  const seen = [...new Set(run.broken.map((promise) => promise.split(':')[0]!))];
  return {
    breakage,
    seen,
    example: run.broken.find((promise) => promise.startsWith(`${breakage.breaks}:`)) ?? null,
    flaw: flawOf(control),
  };
}

async function playBroken({ name, faults = [] }: Breakage, scenario: Scenario): Promise<Campaigns.Played> {
  const broken = (await import(`./campaigns.ts?broken=${name}`)) as typeof Campaigns;
  return broken.playScript(scenario, faults);
}

function flawOf({ broken, unmet }: Pick<Campaigns.Played, 'broken' | 'unmet'>): string | null {
  if (broken.length > 0) return `broken without the breakage: ${broken[0]}`;
  return unmet > 0 ? 'its faults met nothing' : null;
}

function endless(error: unknown): { broken: string[] } {
  return { broken: [`does-not-run: ${String(error)}`] };
}

/** A table of the proofs. @returns how many lines were broken without being noticed */
export async function proveAll(breakages: readonly Breakage[], say: (text: string) => void): Promise<number> {
  let unseen = 0;
  for (const breakage of breakages) {
    const proof = await prove(breakage);
    const isProven = proof.example !== null && proof.flaw === null;
    if (!isProven) unseen += 1;
    say(`${isProven ? '✓' : '✗'} ${breakage.name}: ${breakage.file}: ${breakage.what}`);
    const also = proof.seen.filter((promise) => promise !== breakage.breaks);
    const faults = breakage.faults?.length ? ` with ${breakage.faults.join(', ')}` : '';
    say(`    ${breakage.breaks}${proof.example === null ? ' HELD' : ''}, in '${breakage.scenario}'${faults}`);
    if (proof.example !== null) say(`    ${proof.example}`);
    if (also.length > 0) say(`    also ${also.join(', ')}`);
    if (proof.flaw !== null) say(`    ${proof.flaw}`);
  }
  say(`${breakages.length} lines broken, ${unseen} not noticed`);
  return unseen;
}

export { BREAKAGES };
