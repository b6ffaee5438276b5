import { breaks, createWorld, insists, moves, sweep, type World } from './model.ts';
import type { Scenario } from './scenarios.ts';
import { createVisited } from './visited.ts';
import { createPlainNames, createWorldNames } from './world-key.ts';

export interface Explored {
  scenario: string;
  /** Different worlds that were met. */
  worlds: number;
  /** Different worlds in which nobody had anything left to do. */
  ends: number;
  /** Orders of everything that may happen, from the start to such an end; as exact as such numbers can be. */
  interleavings: number;
  /** Broken promises, each with the moves that lead there. */
  failures: { promise: string; path: readonly string[] }[];
}

/**
 * Tries every order of everything that may happen. What follows from a world that was met before is not tried again.
 * @param options.until stops when this promise was seen to break
 * @param options.plain takes two worlds for the same only where all of them is
 */
export function explore(scenario: Scenario, options: { until?: string; plain?: boolean } = {}): Explored {
  const isEnough = (): boolean =>
    options.until !== undefined && found.failures.some(({ promise }) => promise.startsWith(`${options.until}:`));
  const found: Explored = { scenario: scenario.name, worlds: 0, ends: 0, interleavings: 0, failures: [] };
  const nameOf = options.plain ? createPlainNames() : createWorldNames();
  const waysFrom = createVisited();
  const path: string[] = [];
  const visit = (world: World): number => {
    const name = nameOf(world);
    const known = waysFrom.get(name);
    if (known !== undefined) return known;
    // Whoever looks again and sees the same comes back here.
    waysFrom.set(name, 0);
    found.worlds += 1;
    const isEnd = world.actors.every(({ stage }) => stage === 'ended' || stage === 'dead');
    const broken = isEnd && world.broken.length === 0 ? checkEnd(world, scenario) : world.broken;
    for (const promise of broken) note(found, promise, path);
    if (isEnd) found.ends += 1;
    let ways = isEnd ? 1 : 0;
    if (broken.length === 0) {
      for (const move of moves(world)) {
        if (isEnough()) break;
        path.push(move.what);
        ways += visit(move.world);
        path.pop();
      }
    }
    waysFrom.set(name, ways);
    return ways;
  };
  found.interleavings = visit(createWorld(scenario));
  return found;
}

function note(found: Explored, promise: string, path: readonly string[]): void {
  const name = promise.split(':')[0];
  if (found.failures.some((failure) => failure.promise.split(':')[0] === name)) return;
  found.failures.push({ promise, path: [...path] });
}

/** What must hold when everybody has ended and a sweep has come by. */
function checkEnd(end: World, scenario: Scenario): readonly string[] {
  let world = sweep(end, scenario.policy);
  const { row } = world;
  if (row.intent !== null && row.ambiguous === null) {
    world = breaks(world, `nothing-ambiguous-is-silent: the intent ${row.intent} stands there unseen`);
  }
  for (const { attempt, rotation, unused } of world.exchanges) {
    const isOpen = !unused && rotation === row.rotation && row.invalid?.attempt !== attempt;
    if (isOpen && !world.flagged.includes(attempt)) {
      world = breaks(world, `nothing-ambiguous-is-silent: nobody was told of ${attempt}`);
    }
  }
  const mayRepeat = scenario.policy.ambiguous === 'send-once-more' || end.actors.some(insists);
  for (const { name, result } of end.actors) {
    if (result === 'superseded' && scenario.replacements === end.left.replacements && !mayRepeat) {
      world = breaks(world, `nothing-is-put-aside-for-nothing: ${name} put tokens aside, and nobody had given others`);
    }
  }
  const isTimely = end.left.ticks === scenario.ticks;
  // Losing an answer of the store, with nobody asleep, costs nothing.
  const isMild = end.weather !== 'wild' && isTimely && scenario.faults < 3;
  if (isMild && row.ambiguous !== null)
    world = breaks(world, 'no-false-alarm: nothing happened that anybody must know of');
  if (
    end.weather === 'calm' &&
    isTimely &&
    !scenario.server.isOver &&
    end.left.replacements === scenario.replacements
  ) {
    const served = ['refreshed', 'current', 'busy', 'not-due'];
    const isServed = end.actors.every(({ result }) => served.includes(result ?? ''));
    if (!isServed) world = breaks(world, 'calm-runs-succeed: somebody was not served');
  }
  return world.broken;
}
