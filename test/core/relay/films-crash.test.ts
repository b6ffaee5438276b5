import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SANDBOX_CREDENTIAL } from '../../../infra/local/sandbox/demo-document.ts';
import type { LoggedRequest } from '../../../infra/local/sandbox/log.ts';
import { systemScheduler, type Scheduler } from '@sluice/kit/time/scheduler';
import { createSandbox, type Sandbox } from '../../../infra/local/sandbox/server.ts';
import { createMemoryJobs } from '../../support/memory-jobs.ts';
import { createMemoryLedgerAccounts } from '../../support/memory-ledger-accounts.ts';
import { createMemoryMedia } from '../../support/memory-media.ts';
import { createMemoryUsageStore } from '../../support/memory-stores.ts';
import { aRoute, ask, run, SECOND_MICROS, WISH } from './films-rig.ts';
import { aCredential, aKey, aModel, anUpstream, NOW, startRig, type Call } from './rig.ts';

/*
 * A process that dies at any of its calls to a store, before the call is carried out or before its answer arrives:
 * another one goes on with the film. The upstream makes it once, its user pays for it once, and it is there.
 */

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await createSandbox({ port: 0, onClock: async () => undefined });
});
afterAll(() => sandbox.close());

const LEASE_OVER_MS = 181_000;
const SECONDS = 1;

function createStores() {
  const media = createMemoryMedia({ clock: () => NOW });
  return { jobs: createMemoryJobs(), usage: createMemoryUsageStore(), accounts: createMemoryLedgerAccounts(), media };
}
type Stores = ReturnType<typeof createStores>;

interface Death {
  /** The call at which the process dies, counted from 1; 0 = it lives. */
  at: number;
  when: 'before' | 'after';
}

/** The stores as one process sees them; from its death on nothing it asks comes back. */
function mortal(stores: Stores, death: Death) {
  let calls = 0;
  const { promise: died, resolve: die } = Promise.withResolvers<'died'>();
  const never = (): Promise<never> => new Promise(() => undefined);
  const timers = new Set<() => void>();
  const stopTimers = (): void => timers.forEach((cancel) => cancel());
  void died.then(stopTimers);
  const scheduler: Scheduler = {
    monotonicMs: () => systemScheduler.monotonicMs(),
    after(ms, act) {
      if (death.at > 0 && calls >= death.at) return () => undefined;
      const cancel = systemScheduler.after(ms, () => {
        timers.delete(cancel);
        act();
      });
      timers.add(cancel);
      return cancel;
    },
  };
  const wrap = <Store extends object>(store: Store): Store =>
    new Proxy(store, {
      get(target, name, receiver) {
        const member: unknown = Reflect.get(target, name, receiver);
        if (typeof member !== 'function') return member;
        return async (...given: unknown[]): Promise<unknown> => {
          calls += 1;
          if (death.at > 0 && calls >= death.at) {
            die('died');
            if (calls === death.at && death.when === 'after')
              await (member as (...all: unknown[]) => unknown)(...given);
            return never();
          }
          return (member as (...all: unknown[]) => unknown)(...given);
        };
      },
    });
  const { jobs, usage, accounts, media } = stores;
  const deps = { jobs: wrap(jobs), usage: wrap(usage), accounts: wrap(accounts), media: wrap(media.media) };
  return { deps, died, scheduler, calls: () => calls };
}

async function startProcess(stores: Stores, death: Death, nowMs: number) {
  const { deps, died, scheduler, calls } = mortal(stores, death);
  const price = { ...aModel().price!, inputMicros: 0, outputMicros: 0, videoSecondMicros: SECOND_MICROS };
  const secret = { keyVersion: 'v1', encapsulatedSecret: '', ciphertext: SANDBOX_CREDENTIAL };
  const route = aRoute('sandbox-xai-video--slow-0');
  const rig = await startRig({
    scheduler,
    keys: [aKey({ limits: { perDay: { video: 50 }, budgetMicrosPerMonth: 50_000_000 } } as never)],
    models: [aModel({ name: 'film', class: 'video', price, routes: [route] } as never)],
    upstreams: () => [
      anUpstream('first', `${sandbox.url}/xai/v1`, { format: 'openai-images', vendor: 'xai' } as never),
    ],
    credentials: [aCredential('first', 'a', { secret, limits: { perDay: { video: 50 } } } as never)],
    deps: { ...deps, uploads: stores.media.uploads, clock: () => nowMs },
  });
  return { rig, died, calls };
}

async function creationsOf(prompt: string): Promise<LoggedRequest[]> {
  const answer = await fetch(`${sandbox.url}/__log`);
  const { requests } = (await answer.json()) as { requests: LoggedRequest[] };
  return requests.filter(({ method, body }) => method === 'POST' && body.includes(JSON.stringify(prompt)));
}

const holdsOf = ({ accounts }: Stores): string[] =>
  [...accounts.rows.values()].flatMap(({ holds }) => Object.keys(holds));
const chargedTo = ({ accounts }: Stores): number =>
  Math.max(
    0,
    ...Object.entries(accounts.rows.get('usr_1')?.counters ?? {}).map(([name, count]) =>
      name.startsWith('usd') ? count : 0,
    ),
  );

async function goOn(stores: Stores): Promise<void> {
  const { rig } = await startProcess(stores, { at: 0, when: 'before' }, NOW + LEASE_OVER_MS);
  for (const job of stores.jobs.open.values()) await rig.runJob(job);
  await rig.close();
}

let number = 0;
const newPrompt = (): string => `a cat, take ${(number += 1)}`;
const wish = (prompt: string) => ({ ...WISH, prompt, duration: SECONDS });

/** How many calls to stores the creation and the run of a film take. */
async function countCalls(): Promise<{ creation: number; run: number }> {
  const stores = createStores();
  const { rig, calls } = await startProcess(stores, { at: 0, when: 'before' }, NOW);
  const { json } = await ask(rig, wish(newPrompt()));
  const creation = calls();
  await run(rig, json.request_id);
  const whole = calls();
  await rig.close();
  return { creation, run: whole - creation };
}

function expectOneFilm(stores: Stores): void {
  const closed = [...stores.usage.rows.values()].filter(({ closing }) => closing && closing.source !== 'void');
  expect(closed.map(({ closing }) => [closing?.source, closing?.parts.videoSeconds])).toEqual([['reported', SECONDS]]);
  expect([...stores.jobs.rows.values()].map(({ state }) => state)).toEqual(['succeeded']);
  expect(stores.media.objects.kept.size).toBeGreaterThan(0);
  expect(holdsOf(stores)).toEqual([]);
  expect(chargedTo(stores)).toBe(SECONDS * SECOND_MICROS);
}

describe.each(['before', 'after'] as const)('a process that dies %s a store has done what it asked', (when) => {
  test('while it waits for a film: another one finishes it, charged once', async () => {
    const counted = await countCalls();
    expect(counted.run).toBeGreaterThan(8);
    for (let at = 1; at <= counted.run; at += 1) {
      const stores = createStores();
      const prompt = newPrompt();
      const first = await startProcess(stores, { at: 0, when }, NOW);
      const { json } = await ask(first.rig, wish(prompt));
      await first.rig.close();
      const second = await startProcess(stores, { at, when }, NOW);
      await Promise.race([run(second.rig, json.request_id), second.died]);
      await goOn(stores);
      await second.rig.close();
      expect(await creationsOf(prompt)).toHaveLength(1);
      expectOneFilm(stores);
    }
  }, 60_000);

  test('while it has a film begun: it is asked for once at most, and what was begun is finished', async () => {
    const counted = await countCalls();
    const begun: number[] = [];
    for (let at = 1; at <= counted.creation; at += 1) {
      const stores = createStores();
      const prompt = newPrompt();
      const first = await startProcess(stores, { at, when }, NOW);
      const answered: Call | 'died' = await Promise.race([
        ask(first.rig, wish(prompt)).catch(() => 'died' as const),
        first.died,
      ]);
      await goOn(stores);
      await first.rig.close();
      const creations = await creationsOf(prompt);
      expect(creations.length).toBeLessThanOrEqual(1);
      const [job] = stores.jobs.rows.values();
      if (job?.upstream != null) {
        begun.push(at);
        expectOneFilm(stores);
      } else if (answered !== 'died') {
        expect(answered.status).toBeGreaterThanOrEqual(500);
      }
      // Nobody is asked again for what may have been made.
      await goOn(stores);
      expect(await creationsOf(prompt)).toHaveLength(creations.length);
    }
    expect(begun.length).toBeGreaterThan(0);
  }, 60_000);
});
