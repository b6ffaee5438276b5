import { REFRESH_GRACE_MS, type Sessions } from '../../../layers/core/identity/sessions.ts';
import {
  aFamily,
  ANN,
  createSessionRig,
  tokenOf,
  usable,
  type Around,
  type SessionRig,
} from './support/session-rig.ts';

/** Faults at every call of a store, and every order of the calls of two at once. */

const LOST = new Error('The connection broke.');

/** The n-th call is lost before it arrives, or its answer after it was carried out. */
function losing(nth: number, mode: 'call' | 'answer'): { around: Around; happened: () => boolean } {
  let calls = 0;
  const around: Around = async (call) => {
    calls += 1;
    if (calls !== nth) return call();
    if (mode === 'answer') await call();
    throw LOST;
  };
  return { around, happened: () => calls >= nth };
}

/** Plays `act` once for each store call that it makes and each way to lose it, on a rig of its own. */
async function atEveryCall(
  act: (sessions: Sessions, given: Awaited<ReturnType<typeof aFamily>>) => Promise<unknown>,
  check: (rig: SessionRig, given: Awaited<ReturnType<typeof aFamily>>, failed: boolean) => Promise<void>,
): Promise<number> {
  let played = 0;
  for (const mode of ['call', 'answer'] as const) {
    for (let nth = 1; ; nth += 1) {
      const rig = createSessionRig();
      const given = await aFamily(rig);
      const loss = losing(nth, mode);
      const failed = await act(rig.through(loss.around), given).then(
        () => false,
        (error: unknown) => error === LOST,
      );
      if (!loss.happened()) break;
      await check(rig, given, failed);
      played += 1;
    }
  }
  return played;
}

describe('a refresh of which one store call is lost, whichever', () => {
  it('can be asked for again, locks nobody out, and leaves one usable token after the grace', async () => {
    const played = await atEveryCall(
      (sessions, { token }) => sessions.refresh(token),
      async (rig, { token }, failed) => {
        expect(failed).toBe(true);
        rig.now.ms += REFRESH_GRACE_MS - 1;
        const second = tokenOf(await rig.sessions.refresh(token));
        rig.now.ms += REFRESH_GRACE_MS + 1;
        const third = tokenOf(await rig.sessions.refresh(second));
        expect(await usable(rig, [token, third])).toEqual([third]);
        rig.now.ms += REFRESH_GRACE_MS + 1;
        expect(await usable(rig, [token, second, third])).toEqual([third]);
        expect(await rig.sessions.refresh(token)).toEqual({ outcome: 'invalid' });
        expect(await usable(rig, [token, second, third])).toEqual([]);
      },
    );
    expect(played).toBeGreaterThanOrEqual(8);
  });
});

describe('a replay of which one store call is lost, whichever', () => {
  it('ends the family when it is tried again, and never gets a token', async () => {
    const replay = async (sessions: Sessions, rig: SessionRig, token: string): Promise<void> => {
      rig.now.ms += REFRESH_GRACE_MS + 1;
      expect((await sessions.refresh(token)).outcome).toBe('invalid');
    };
    for (const mode of ['call', 'answer'] as const) {
      for (let nth = 1; ; nth += 1) {
        const rig = createSessionRig();
        const { token } = await aFamily(rig);
        const next = tokenOf(await rig.sessions.refresh(token));
        const loss = losing(nth, mode);
        await replay(rig.through(loss.around), rig, token).catch((error: unknown) => expect(error).toBe(LOST));
        if (!loss.happened()) break;
        expect((await rig.sessions.refresh(token)).outcome).toBe('invalid');
        expect(await usable(rig, [token, next])).toEqual([]);
      }
    }
  });
});

describe('signing out everywhere of which one store call is lost, whichever', () => {
  it('is complete when it is asked for again, and who signs in then stays signed in', async () => {
    const played = await atEveryCall(
      (sessions) => sessions.endAll(ANN.id),
      async (rig, given, failed) => {
        expect(failed).toBe(true);
        await rig.sessions.endAll(ANN.id);
        expect(await rig.sessions.find(given.session.id, ANN.id)).toBeNull();
        expect(await usable(rig, [given.token])).toEqual([]);
        const after = await aFamily(rig);
        expect(await usable(rig, [after.token])).toEqual([after.token]);
      },
    );
    expect(played).toBeGreaterThanOrEqual(4);
  });

  it('with one session kept never loses that one', async () => {
    const played = await atEveryCall(
      (sessions, { session }) => sessions.endAll(ANN.id, { keep: session.id, change: { passwordHash: 'new' } }),
      async (rig, { session, token, cookie }) => {
        expect(await rig.sessions.find(session.id, ANN.id)).not.toBeNull();
        expect(await usable(rig, [token])).toEqual([token]);
        expect(await rig.sessions.use(cookie)).not.toBeNull();
      },
    );
    expect(played).toBeGreaterThanOrEqual(6);
  });
});

/** Lets two acts run so that their store calls come in the given order (1 = the second's turn). */
async function inOrder(
  rig: SessionRig,
  { turns: order, last }: Order,
  acts: ((sessions: Sessions) => Promise<unknown>)[],
): Promise<void> {
  const waiting: (() => void)[][] = acts.map(() => []);
  const done = acts.map(() => false);
  acts.forEach((act, index) => {
    const sessions = rig.through(async (call) => {
      await new Promise<void>((go) => waiting[index]?.push(go));
      return call();
    });
    void act(sessions).finally(() => (done[index] = true));
  });
  const turns = [...order];
  while (done.includes(false)) {
    await new Promise(setImmediate);
    const wanted = turns.shift();
    const next = wanted !== undefined && !done[wanted] ? wanted : done.indexOf(false);
    const go = last ? waiting[next]?.pop() : waiting[next]?.shift();
    go?.();
  }
}

interface Order {
  /** Whose store call is next. */
  turns: number[];
  /** Of the calls that one makes at once, the last goes first. */
  last: boolean;
}

/** All orders of so many turns of the first and of the second. */
function* orders(first: number, second: number): Generator<Order> {
  for (const turns of allTurns(first, second)) {
    yield { turns, last: false };
    yield { turns, last: true };
  }
}

function* allTurns(first: number, second: number): Generator<number[]> {
  if (first === 0 && second === 0) yield [];
  if (first > 0) for (const rest of allTurns(first - 1, second)) yield [0, ...rest];
  if (second > 0) for (const rest of allTurns(first, second - 1)) yield [1, ...rest];
}

describe('two at once, in every order of their store calls', () => {
  it('who refresh with one token both get the same one, and it is the only one', async () => {
    for (const order of orders(4, 4)) {
      const rig = createSessionRig();
      const { token } = await aFamily(rig);
      const got: string[] = [];
      const refresh = async (sessions: Sessions): Promise<void> =>
        void got.push(tokenOf(await sessions.refresh(token)));
      await inOrder(rig, order, [refresh, refresh]);
      expect(new Set(got).size).toBe(1);
      rig.now.ms += REFRESH_GRACE_MS + 1;
      expect(await usable(rig, [token, ...got])).toEqual([got[0]]);
    }
  });

  it('of whom one signs out everywhere and one refreshes: nothing is left of the family', async () => {
    for (const order of orders(4, 2)) {
      const rig = createSessionRig();
      const { session, token } = await aFamily(rig);
      const got = [token];
      const refresh = async (sessions: Sessions): Promise<void> => {
        const outcome = await sessions.refresh(token);
        if (outcome.outcome === 'refreshed') got.push(outcome.refreshToken);
      };
      await inOrder(rig, order, [refresh, (sessions) => sessions.endAll(ANN.id)]);
      expect(await usable(rig, got)).toEqual([]);
      expect(await rig.sessions.find(session.id, ANN.id)).toBeNull();
    }
  });

  it('of whom one changes the password and one uses the session that stays: it is never refused', async () => {
    for (const order of orders(3, 3)) {
      const rig = createSessionRig();
      const { session } = await aFamily(rig);
      const seen: unknown[] = [];
      await inOrder(rig, order, [
        (sessions) => sessions.endAll(ANN.id, { keep: session.id }),
        async (sessions) => void seen.push(await sessions.find(session.id, ANN.id)),
      ]);
      expect(seen).toEqual([expect.objectContaining({ session: expect.objectContaining({ id: session.id }) })]);
    }
  });
});
