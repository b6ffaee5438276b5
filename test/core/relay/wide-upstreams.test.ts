import { afterEach, describe, expect, it } from '@jest/globals';
import { cutList, RING_SIZE, slotOf, type ServingEntry } from '../../../layers/core/credentials/serving.ts';
import type { Credential } from '../../../layers/core/credentials/store.ts';
import type { OwnedCredential } from '../../../layers/core/sharing/store.ts';
import { ringPosition } from '../../../layers/aws/tables/credential-index.ts';
import { chatBody, jsonOf } from '../../support/fake-upstream.ts';
import { createMemorySharing } from '../../support/memory-sharing.ts';
import { aCredential, aUser, call, CHAT, startRig, type Rig, type RigOptions } from './rig.ts';

const GOOD = jsonOf(chatBody('Hello'));
const MANY = 1_500;
const users = [aUser({ role: 'admin' })];

function many(change: (index: number) => Partial<Credential> = () => ({})): Credential[] {
  return Array.from({ length: MANY }, (_, index) => aCredential('first', `n${index}`, change(index)));
}

describe('an upstream with more credentials than a request can be offered', () => {
  let running: Rig | null = null;
  afterEach(async () => {
    await running?.close();
    running = null;
  });

  async function start(options: RigOptions): Promise<{ rig: Rig; opened: () => number }> {
    let opened = 0;
    const opener: NonNullable<RigOptions['deps']>['opener'] = {
      async open(sealed) {
        opened += 1;
        return sealed.ciphertext;
      },
    };
    const rig = await startRig({ users, ...options, deps: { opener, ...options.deps } });
    running = rig;
    rig.upstream.answer(GOOD);
    return { rig, opened: () => opened };
  }

  const say = (rig: Rig, conversation: string, key?: string) =>
    call(rig, {
      body: { ...CHAT, messages: [{ role: 'user', content: conversation }] },
      ...(key !== undefined && { headers: { authorization: `Bearer ${key}` } }),
    });
  const servedBy = (rig: Rig): string[] =>
    rig.upstream.requests.map(({ headers }) => headers.authorization?.replace('Bearer secret-of-', '') ?? '');

  it('opens few of them for a conversation, which meets the same one again', async () => {
    const { rig, opened } = await start({ credentials: many() });
    for (let turn = 0; turn < 3; turn += 1) expect((await say(rig, 'one conversation')).status).toBe(200);
    expect(opened()).toBe(24);
    expect(new Set(servedBy(rig)).size).toBe(1);
  });

  it('spreads conversations over very many of them', async () => {
    const { rig } = await start({ credentials: many() });
    for (let index = 0; index < 120; index += 1) await say(rig, `conversation ${index}`);
    expect(new Set(servedBy(rig)).size).toBeGreaterThan(90);
  });

  it('asks others of the same part where one is refused', async () => {
    const { rig } = await start({ credentials: many() });
    let refusals = 0;
    rig.upstream.answer(() => {
      refusals += 1;
      return refusals <= 10 ? jsonOf('{"error":{"message":"no"}}', 429) : GOOD;
    });
    expect((await say(rig, 'a patient one')).status).toBe(200);
    expect(new Set(servedBy(rig)).size).toBe(11);
  });

  it('asks those of better priority first, whoever is asked for', async () => {
    const { rig } = await start({ credentials: many((index) => ({ priority: index < 3 ? 0 : 1 })) });
    for (let index = 0; index < 20; index += 1) await say(rig, `conversation ${index}`);
    for (const name of servedBy(rig)) expect(['n0', 'n1', 'n2']).toContain(name);
    rig.upstream.answer(({ headers }) =>
      /-n[0-2]$/.test(headers.authorization ?? '') ? jsonOf('{"error":{"message":"no"}}', 429) : GOOD,
    );
    expect((await say(rig, 'another')).status).toBe(200);
  });

  it('offers a user’s own beside those of the operators', async () => {
    const sharing = createMemorySharing();
    const own: OwnedCredential = {
      upstream: 'first',
      credentialId: 'crd_mine',
      ownerId: 'usr_1',
      name: 'mine',
      sharing: 'exclusive',
      enabled: true,
      modelsOff: [],
      removing: false,
      counted: [],
      revision: 1,
      createdAt: 0,
      updatedAt: 0,
    };
    await sharing.owned.create(own);
    await sharing.owned.create({ ...own, credentialId: 'crd_theirs', ownerId: 'usr_9' });
    const { rig } = await start({
      credentials: [
        ...many(),
        aCredential('first', 'mine', { name: 'own-crd_mine' }),
        aCredential('first', 'theirs', { name: 'own-crd_theirs' }),
      ],
      deps: { owned: sharing.owned, pools: sharing.pools },
    });
    for (let index = 0; index < 5; index += 1) await say(rig, `conversation ${index}`);
    expect(new Set(servedBy(rig))).toEqual(new Set(['mine']));
  });

  it('asks the store for the health of the part alone', async () => {
    const { rig } = await start({ credentials: many() });
    const subjects: number[] = [];
    const { findStates, listStates } = rig.poolStates;
    rig.poolStates.findStates = (asked) => {
      subjects.push(asked.length);
      return findStates(asked);
    };
    let whole = 0;
    rig.poolStates.listStates = (upstream) => {
      whole += 1;
      return listStates(upstream);
    };
    await say(rig, 'one');
    expect(subjects).toEqual([48]);
    expect(whole).toBe(0);
  });
});

describe('a long list', () => {
  const ring = (count: number, servingClass: string): ServingEntry[] =>
    Array.from({ length: count }, (_, index) => {
      const credentialId = `crd_${servingClass}_${index}`;
      return { credentialId, servingClass, position: Number.parseInt(ringPosition(credentialId), 16) };
    }).toSorted((left, right) => left.position - right.position);

  it('is cut at the class that does not fit, and guesses how long that one is', () => {
    const head = [...ring(20, 'o00000'), ...ring(10_000, 'o00001')].slice(0, 256);
    const { whole, cut, slots } = cutList(head, 24);
    expect(whole).toHaveLength(20);
    expect(cut).toBe('o00001');
    // 10 000 in parts of 24, each twice: 833, and the power of two above it.
    expect([512, 1_024, 2_048]).toContain(slots);
  });

  it('has a part for each seed, and all of them are somebody’s', () => {
    const all = ring(5_000, 'o00000');
    const { slots } = cutList(all.slice(0, 256), 24);
    const seen = new Set<string>();
    for (let slot = 0; slot < slots; slot += 1) {
      const { position } = slotOf((slot / slots) * RING_SIZE, slots);
      const start = all.findIndex((entry) => entry.position >= position);
      for (let index = 0; index < 24; index += 1)
        seen.add(all[(Math.max(0, start) + index) % all.length]!.credentialId);
    }
    expect(seen.size).toBe(5_000);
    expect(slotOf(RING_SIZE - 1, slots).slot).toBe(slots - 1);
  });
});
