import { describe, expect, it } from '@jest/globals';
import type { Candidate } from '../../../layers/core/relay/candidates.ts';
import { createRenewal, type RenewalDeps } from '../../../layers/core/relay/renewal.ts';
import type { RefreshOutcome } from '../../../layers/core/credentials/refresh/outcome.ts';
import { isGatewayError } from '../../../layers/kit/errors/gateway-error.ts';
import { createManualScheduler } from '../../support/manual-scheduler.ts';

const START = 1_000_000;
const MINUTE = 60_000;

/** What of a candidate a renewal looks at. */
function aCandidate(token: Candidate['token'], route = 'one'): Candidate {
  return {
    upstream: 'up',
    credentialId: 'crd_a',
    credential: 'alice',
    model: route,
    address: { of: token?.digest ?? 'nobody' },
    secretDigest: token?.digest ?? '',
    token,
  } as unknown as Candidate;
}

function stage() {
  const scheduler = createManualScheduler();
  const world = {
    /** What stands in the row: what the router reads again. */
    stored: { digest: 'old', expiresAt: START } as { digest: string | null; expiresAt: number | null },
    asked: [] as (string | null)[],
    outcome: 'refreshed' as RefreshOutcome | Error,
    log: [] as { event: string; fields: unknown }[],
  };
  const waiting: (() => void)[] = [];
  const log = (event: string, fields: object = {}): void => void world.log.push({ event, fields });
  const deps: RenewalDeps = {
    async askRefresh(_key, digest) {
      world.asked.push(digest);
      await new Promise<void>((resolve) => waiting.push(resolve));
      if (world.outcome instanceof Error) throw world.outcome;
      return { outcome: world.outcome, text: '' };
    },
    clock: () => START + scheduler.monotonicMs(),
    scheduler,
    logger: { info: log, warn: log, error: log },
  };
  const renewal = createRenewal({ ...deps, router: { renew: async () => aCandidate({ ...world.stored }, 'another') } });
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  };
  return {
    renewal,
    world,
    scheduler,
    settle,
    /** The vault answers all that it was asked. */
    async answer() {
      await settle();
      for (const ring of waiting.splice(0)) ring();
      await settle();
    },
  };
}

const held = (digest: string | null, leftMs: number | null): Candidate['token'] => ({
  digest,
  expiresAt: leftMs === null ? null : START + leftMs,
});

describe('before a call', () => {
  it.each([
    ['another kind than OAuth', null],
    ['a token that lives on', held('old', MINUTE)],
    ['a token whose end is not known', held('old', null)],
  ])('%s is shown as it is, and nobody is asked', (_what, token) => {
    const { renewal, world } = stage();
    expect(renewal.beforeCall(aCandidate(token))).toBeNull();
    expect(world.asked).toEqual([]);
  });

  it.each([
    ['there is none yet', held(null, null)],
    ['it is over', held('old', -1)],
    ['it is over in a moment', held('old', 5_000)],
  ])('another token is waited for where %s; the route stays the one that was chosen', async (_what, token) => {
    const { renewal, world, answer } = stage();
    const renewed = renewal.beforeCall(aCandidate(token, 'mine'));
    world.stored = { digest: 'new', expiresAt: START + MINUTE };
    await answer();
    expect(await renewed).toMatchObject({
      model: 'mine',
      token: { digest: 'new' },
      secretDigest: 'new',
      address: { of: 'new' },
    });
    expect(world.asked).toEqual([token?.digest]);
  });

  it('the vault is asked once for all who hold the same token, and for another token once more', async () => {
    const { renewal, world, answer } = stage();
    const all = Array.from({ length: 20 }, (_, index) => renewal.beforeCall(aCandidate(held('old', -1), `${index}`)));
    const other = renewal.beforeCall(aCandidate(held('older', -1)));
    world.stored = { digest: 'new', expiresAt: START + MINUTE };
    await answer();
    const renewed = (await Promise.all(all)) as Candidate[];
    expect(renewed.map(({ model }) => model)).toEqual(Array.from({ length: 20 }, (_, index) => `${index}`));
    expect(new Set(renewed.map(({ token }) => token?.digest))).toEqual(new Set(['new']));
    expect(await other).toMatchObject({ token: { digest: 'new' } });
    expect(world.asked).toEqual(['old', 'older']);
  });

  it('a token that is nearly over is shown all the same where no other is to be had', async () => {
    const { renewal, world, answer } = stage();
    world.outcome = 'backing-off';
    const candidate = aCandidate(held('old', 5_000));
    const renewed = renewal.beforeCall(candidate);
    await answer();
    expect(await renewed).toBe(candidate);
    expect(world.log).toMatchObject([{ event: 'credential_not_renewed', fields: { outcome: 'backing-off' } }]);
  });

  it.each(['ambiguous', 'invalid', 'failed', 'store-unavailable'] as const)(
    'a token that is over is no longer shown where the vault says %s',
    async (outcome) => {
      const { renewal, world, answer } = stage();
      world.outcome = outcome;
      const refused = renewal.beforeCall(aCandidate(held('old', -1)));
      await answer();
      expect(await refused).toMatchObject({ code: 'no_credential' });
    },
  );

  it('a vault that cannot be asked is a refusal, not an accident', async () => {
    const { renewal, world, answer } = stage();
    world.outcome = new Error('connect ECONNREFUSED');
    const refused = renewal.beforeCall(aCandidate(held(null, null)));
    await answer();
    expect(isGatewayError(await refused)).toBe(true);
    expect(world.log).toMatchObject([{ fields: { outcome: 'unasked', internal: 'connect ECONNREFUSED' } }]);
  });

  it('somebody else’s refresh will do, whatever the vault says of ours', async () => {
    const { renewal, world, answer } = stage();
    world.outcome = 'busy';
    const renewed = renewal.beforeCall(aCandidate(held('old', -1)));
    world.stored = { digest: 'new', expiresAt: START + MINUTE };
    await answer();
    expect(await renewed).toMatchObject({ token: { digest: 'new' } });
  });
});

describe('after a refusal by the upstream', () => {
  it('gives the candidate with another token, or nothing for a credential that has none', async () => {
    const { renewal, world, answer } = stage();
    expect(await renewal.afterRefusal(aCandidate(null))).toBeNull();
    const renewed = renewal.afterRefusal(aCandidate(held('old', MINUTE)));
    world.stored = { digest: 'new', expiresAt: START + MINUTE };
    await answer();
    expect(await renewed).toMatchObject({ token: { digest: 'new' } });
    expect(world.asked).toEqual(['old']);
  });

  it('asks no second time for a token that could not be renewed, for ten seconds', async () => {
    const { renewal, world, answer, scheduler } = stage();
    world.outcome = 'failed';
    const first = renewal.afterRefusal(aCandidate(held('old', MINUTE)));
    await answer();
    expect(await first).toBeNull();
    expect(await renewal.afterRefusal(aCandidate(held('old', MINUTE)))).toBeNull();
    expect(world.asked).toHaveLength(1);
    scheduler.advance(10_000);
    const again = renewal.afterRefusal(aCandidate(held('old', MINUTE)));
    await answer();
    expect(await again).toBeNull();
    expect(world.asked).toHaveLength(2);
  });

  it('is given up after fifteen seconds, and what comes later does no harm', async () => {
    const { renewal, world, answer, scheduler, settle } = stage();
    const given = renewal.afterRefusal(aCandidate(held('old', MINUTE)));
    await settle();
    scheduler.advance(15_000);
    expect(await given).toBeNull();
    expect(world.log).toMatchObject([{ fields: { outcome: 'waiting' } }]);
    world.outcome = new Error('late');
    await answer();
    expect(scheduler.waiting).toBe(0);
  });
});
