import { evaluateAlerts } from '../../../layers/core/monitoring/evaluate-alerts.ts';
import { createRig, type Rig } from './rig.ts';
import { aRule } from './rules.ts';

/** A process that dies at its n-th call to the outside, before or after the call was done; everything later fails too. */
function dying(rig: Rig, at: number, when: 'before' | 'after'): { deps: Rig['deps']; died: () => boolean } {
  let calls = 0;
  const guarded =
    <Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      calls += 1;
      if (calls > at || (calls === at && when === 'before')) throw new Error('killed');
      const result = await call(...args);
      if (calls >= at) throw new Error('killed');
      return result;
    };
  const { store, deps } = rig;
  const { delivering } = deps;
  return {
    died: () => calls >= at,
    deps: {
      ...deps,
      store: {
        ...store,
        listRules: guarded(store.listRules),
        readBoard: guarded(store.readBoard),
        writeBoard: guarded(store.writeBoard),
        listPending: guarded(store.listPending),
        claim: guarded(store.claim),
        noteFailure: guarded(store.noteFailure),
        finish: guarded(store.finish),
        findWebhook: guarded(store.findWebhook),
      },
      delivering: {
        ...delivering,
        mailer: { send: guarded((mail) => rig.mailer.send(mail)) },
        readPepper: guarded(delivering.readPepper),
        post: guarded(delivering.post),
      },
    },
  };
}

async function firing(): Promise<Rig> {
  const rig = createRig();
  await rig.quiet('errors');
  const mail = { type: 'mail', to: ['ops@example.com'], language: 'en' } as const;
  const hook = { type: 'webhook', webhookId: 'whk_one' } as const;
  await rig.store.putRule(
    aRule({ id: 'errors', channels: [{ ...mail, to: [...mail.to] }, hook], cooldownMinutes: 60 }),
  );
  rig.serve({ requests: 4, failed: 4 });
  return rig;
}

async function goOn(rig: Rig): Promise<void> {
  for (let run = 0; run < 4; run += 1) {
    rig.pass(2);
    rig.serve({ requests: 4, failed: 4 });
    await evaluateAlerts(rig.deps);
  }
}

/** Fired once; told to each channel at least once, and under one id however often. */
async function expectTold(rig: Rig): Promise<void> {
  const history = await rig.store.listAlerts({ from: 0, to: rig.now() + 1 }, { limit: 10, cursor: null });
  expect(history.items).toHaveLength(1);
  expect(rig.posts.length).toBeGreaterThanOrEqual(1);
  expect(new Set(rig.posts.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  expect(rig.mailer.sent.length).toBeGreaterThanOrEqual(1);
  expect(rig.posts.length + rig.mailer.sent.length).toBeLessThanOrEqual(4);
  expect(await rig.store.listPending(10)).toEqual([]);
}

describe('an evaluation that dies', () => {
  it.each(['before', 'after'] as const)('%s any of its calls is made good by the next ones', async (when) => {
    let at = 0;
    let died = true;
    while (died) {
      at += 1;
      const rig = await firing();
      const process = dying(rig, at, when);
      await evaluateAlerts(process.deps).catch((error: Error) => expect(error.message).toBe('killed'));
      died = process.died();
      await goOn(rig);
      await expectTold(rig);
    }
    // Rules, board, its write, the outbox, and for each channel the claim, the sending and its end.
    expect(at).toBeGreaterThan(10);
  });

  it('beside another that lives leaves one alert and one notice id', async () => {
    for (let at = 1; at <= 14; at += 1) {
      const rig = await firing();
      const process = dying(rig, at, at % 2 === 0 ? 'before' : 'after');
      await Promise.all([evaluateAlerts(process.deps).catch(() => undefined), evaluateAlerts(rig.deps)]);
      await goOn(rig);
      await expectTold(rig);
    }
  });
});
