import { installBrokenSources } from '../broken-source.ts';
import { REFRESH_BREAKAGES, type RefreshBreakage } from './breakages.ts';
import type * as Explore from './explore.ts';
import type * as Scenarios from './scenarios.ts';

/** The breakage's scenario with its line broken, until its promise is seen to break. */
async function prove(
  breakage: RefreshBreakage,
): Promise<{ seen: string | null; scenario: string; path: readonly string[] }> {
  const { explore } = (await import(`./explore.ts?broken=${breakage.name}`)) as typeof Explore;
  const { scenariosOf } = (await import(`./scenarios.ts?broken=${breakage.name}`)) as typeof Scenarios;
  for (const scenario of scenariosOf('short').filter(({ name }) => name === breakage.scenario)) {
    const failure = explore(scenario, { until: breakage.breaks }).failures.find(({ promise }) =>
      promise.startsWith(`${breakage.breaks}:`),
    );
    if (failure) return { seen: failure.promise, scenario: scenario.name, path: failure.path };
  }
  return { seen: null, scenario: '', path: [] };
}

/** @returns how many lines were broken without being noticed */
export async function proveRefresh(names: readonly string[], say: (text: string) => void): Promise<number> {
  installBrokenSources(REFRESH_BREAKAGES);
  const chosen = REFRESH_BREAKAGES.filter(({ name }) => names.length === 0 || names.includes(name));
  let unseen = 0;
  for (const breakage of chosen) {
    const { seen, scenario, path } = await prove(breakage);
    if (seen === null) unseen += 1;
    say(`${seen === null ? '✗' : '✓'} ${breakage.name}: ${breakage.file}: ${breakage.what}`);
    say(seen === null ? `    ${breakage.breaks} HELD` : `    ${seen}, with ${scenario}, after ${path.length} moves`);
    if (names.length > 0) for (const move of path) say(`      ${move}`);
  }
  say(`${chosen.length} lines broken, ${unseen} not noticed`);
  return unseen;
}
