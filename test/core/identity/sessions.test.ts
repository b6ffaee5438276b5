import { readRefreshToken, REFRESH_LIFE_MS } from '../../../layers/core/identity/refresh-tokens.ts';
import { REFRESH_GRACE_MS, SESSION_LIFE_MS } from '../../../layers/core/identity/sessions.ts';
import { aFamily, ANN, BOTH, createSessionRig, NOON, tokenOf, usable, VISITOR } from './support/session-rig.ts';

const AFTER_GRACE = REFRESH_GRACE_MS + 1;

describe('a refresh token', () => {
  it('is good once: the next one takes its place, in the same session', async () => {
    const rig = createSessionRig();
    const { session, token } = await aFamily(rig);
    const outcome = await rig.sessions.refresh(token);
    expect(outcome).toMatchObject({ outcome: 'refreshed', user: { id: ANN.id }, session: { id: session.id } });
    const next = tokenOf(outcome);
    expect(next).not.toBe(token);
    rig.now.ms += AFTER_GRACE;
    expect(await usable(rig, [token, next])).toEqual([next]);
  });

  it('gets the very same successor again while the grace lasts, so that a lost answer locks nobody out', async () => {
    const rig = createSessionRig();
    const { token } = await aFamily(rig);
    const first = tokenOf(await rig.sessions.refresh(token));
    rig.now.ms += REFRESH_GRACE_MS;
    expect(tokenOf(await rig.sessions.refresh(token))).toBe(first);
    expect((await rig.sessions.refresh(first)).outcome).toBe('refreshed');
  });

  it('kills its family when it comes back after the grace, the good token and all that hangs on it', async () => {
    const rig = createSessionRig();
    const { session, token, cookie } = await aFamily(rig);
    const next = tokenOf(await rig.sessions.refresh(token));
    rig.now.ms += AFTER_GRACE;
    expect(await rig.sessions.refresh(token)).toEqual({ outcome: 'invalid' });
    expect(await usable(rig, [token, next])).toEqual([]);
    expect(await rig.sessions.find(session.id, ANN.id)).toBeNull();
    expect(await rig.sessions.use(cookie)).toBeNull();
    expect(rig.log).toEqual(['refresh_token_replayed']);
  });

  it('kills it too when it is older than the last one, however quickly it comes', async () => {
    const rig = createSessionRig();
    const { token } = await aFamily(rig);
    const third = tokenOf(await rig.sessions.refresh(tokenOf(await rig.sessions.refresh(token))));
    expect(await rig.sessions.refresh(token)).toEqual({ outcome: 'invalid' });
    expect(await usable(rig, [third])).toEqual([]);
  });

  it('does not prolong the grace of the one before it by being asked for again', async () => {
    const rig = createSessionRig();
    const { token } = await aFamily(rig);
    await rig.sessions.refresh(token);
    rig.now.ms += REFRESH_GRACE_MS - 1;
    await rig.sessions.refresh(token);
    rig.now.ms += 2;
    expect(await rig.sessions.refresh(token)).toEqual({ outcome: 'invalid' });
  });

  it('ends seven days after the last rotation, and other families are not touched', async () => {
    const rig = createSessionRig();
    const { token } = await aFamily(rig);
    const other = await aFamily(rig);
    rig.now.ms += REFRESH_LIFE_MS - 1;
    const next = tokenOf(await rig.sessions.refresh(token));
    rig.now.ms += 1;
    expect((await rig.sessions.refresh(other.token)).outcome).toBe('expired');
    rig.now.ms += REFRESH_LIFE_MS - 2;
    expect(await usable(rig, [next])).toEqual([next]);
    rig.now.ms += 1;
    expect((await rig.sessions.refresh(next)).outcome).toBe('expired');
  });

  it('cannot be guessed from the session’s id, and a guess ends nothing', async () => {
    const rig = createSessionRig();
    const { session, token } = await aFamily(rig);
    const [, , , proof = ''] = token.split('.');
    const guesses = [
      `rt1.${session.id}.1.${'0'.repeat(64)}`,
      `rt1.${session.id}.2.${proof}`,
      `rt1.${session.id}.0.${proof}`,
      `rt1.ses_${'a'.repeat(16)}.1.${proof}`,
      `${token}x`,
      'eyJhbGciOiJFZERTQSJ9.e30.c2ln',
      '',
    ];
    for (const guess of guesses) expect(await rig.sessions.refresh(guess)).toEqual({ outcome: 'invalid' });
    expect(await usable(rig, [token])).toEqual([token]);
  });

  it('of one family does not open another one', async () => {
    const rig = createSessionRig();
    const [one, other] = [await aFamily(rig), await aFamily(rig)];
    const [, , generation, proof] = one.token.split('.');
    expect(await rig.sessions.refresh(`rt1.${other.session.id}.${generation}.${proof}`)).toEqual({
      outcome: 'invalid',
    });
  });

  it('is stored nowhere, nor is what it is made of', async () => {
    const rig = createSessionRig();
    const { token, cookie } = await aFamily(rig);
    const next = tokenOf(await rig.sessions.refresh(token));
    const stored = JSON.stringify([...rig.store.rows.values()]);
    for (const text of [token, next]) expect(stored).not.toContain(readRefreshToken(text)?.proof);
    expect(stored).not.toContain(cookie.split('.')[1]);
  });

  it.each([
    ['is disabled', { enabled: false }, 'account-disabled'],
    ['has signed out everywhere', { validAfter: 1 }, 'invalid'],
  ])('is refused to a user who %s', async (_what, change, outcome) => {
    const rig = createSessionRig();
    const { token } = await aFamily(rig);
    await rig.identity.updateUser(ANN.id, change);
    expect((await rig.sessions.refresh(token)).outcome).toBe(outcome);
  });

  it('is refused when its user is gone, and where the session has only a cookie', async () => {
    const rig = createSessionRig();
    const { token } = await aFamily(rig);
    const { session } = await rig.sessions.begin(ANN, VISITOR, { cookie: true, refresh: false });
    const [, , generation, proof] = token.split('.');
    expect(await rig.sessions.refresh(`rt1.${session.id}.${generation}.${proof}`)).toEqual({ outcome: 'invalid' });
    rig.identity.rows.users.clear();
    expect(await rig.sessions.refresh(token)).toEqual({ outcome: 'invalid' });
  });
});

describe('signing out everywhere', () => {
  it('ends every session that began before, also within the same second, and none that begins after', async () => {
    const rig = createSessionRig();
    const before = await aFamily(rig);
    await rig.sessions.endAll(ANN.id);
    const between = await aFamily(rig);
    expect(await rig.sessions.find(between.session.id, ANN.id)).not.toBeNull();
    await rig.sessions.endAll(ANN.id);
    const after = await aFamily(rig);
    for (const { session, token, cookie } of [before, between]) {
      expect(await rig.sessions.find(session.id, ANN.id)).toBeNull();
      expect(await rig.sessions.refresh(token)).toEqual({ outcome: 'invalid' });
      expect(await rig.sessions.use(cookie)).toBeNull();
    }
    expect(await rig.sessions.find(after.session.id, ANN.id)).not.toBeNull();
    expect((await rig.sessions.refresh(after.token)).outcome).toBe('refreshed');
    expect(await rig.sessions.use(after.cookie)).not.toBeNull();
  });

  it('works under a clock that is behind the last one', async () => {
    const rig = createSessionRig();
    await rig.sessions.endAll(ANN.id);
    rig.now.ms -= 60_000;
    const { session } = await aFamily(rig);
    await rig.sessions.endAll(ANN.id);
    expect(await rig.sessions.find(session.id, ANN.id)).toBeNull();
    expect((await rig.identity.findUserById(ANN.id))?.validAfter).toBe(Math.floor(NOON / 1000) + 1);
  });

  it('writes the time as epoch seconds, once, whoever asks at the same time', async () => {
    const rig = createSessionRig();
    await Promise.all([rig.sessions.endAll(ANN.id), rig.sessions.endAll(ANN.id), rig.sessions.endAll(ANN.id)]);
    const stamp = (await rig.identity.findUserById(ANN.id))?.validAfter ?? 0;
    expect(stamp).toBeGreaterThanOrEqual(Math.floor(NOON / 1000));
    expect(stamp).toBeLessThanOrEqual(Math.floor(NOON / 1000) + 2);
  });

  it('leaves the one session that is to stay, tokens and cookie, and takes the new password with it', async () => {
    const rig = createSessionRig();
    const [kept, ended] = [await aFamily(rig), await aFamily(rig)];
    const user = await rig.sessions.endAll(ANN.id, { keep: kept.session.id, change: { passwordHash: 'new' } });
    expect(user?.passwordHash).toBe('new');
    expect(await rig.sessions.find(kept.session.id, ANN.id)).not.toBeNull();
    expect((await rig.sessions.refresh(kept.token)).outcome).toBe('refreshed');
    expect(await rig.sessions.use(kept.cookie)).not.toBeNull();
    expect(await rig.sessions.find(ended.session.id, ANN.id)).toBeNull();
    expect(await rig.sessions.endAll('usr_nobody')).toBeNull();
  });
});

describe('a list of sessions', () => {
  it('shows what still opens something, and whose it is', async () => {
    const rig = createSessionRig();
    const consoleOnly = await rig.sessions.begin(ANN, VISITOR, { cookie: true, refresh: false });
    rig.now.ms += 1;
    const { session } = await aFamily(rig);
    await rig.sessions.begin({ ...ANN, id: 'usr_other' }, VISITOR, BOTH);
    const ids = async () => (await rig.sessions.list(ANN)).map(({ id }) => id);
    expect(await ids()).toEqual([session.id, consoleOnly.session.id]);
    rig.now.ms += SESSION_LIFE_MS;
    expect(await ids()).toEqual([session.id]);
    const after = await rig.sessions.endAll(ANN.id);
    expect(await rig.sessions.list(after ?? ANN)).toEqual([]);
  });
});

describe('signing out of one session', () => {
  it('takes the genuine token of a cookie or a family, of any age, and nothing else', async () => {
    const rig = createSessionRig();
    const [one, other, third] = [await aFamily(rig), await aFamily(rig), await aFamily(rig)];
    await rig.sessions.refresh(other.token);
    expect(await rig.sessions.endByCookie(one.cookie)).toBe(true);
    expect(await rig.sessions.endByRefreshToken(other.token)).toBe(true);
    expect(await rig.sessions.endByCookie(`${third.session.id}.guess`)).toBe(false);
    expect(await rig.sessions.endByCookie('')).toBe(false);
    expect(await rig.sessions.endByRefreshToken(`rt1.${third.session.id}.1.${'0'.repeat(64)}`)).toBe(false);
    expect([...rig.store.rows.keys()]).toEqual([third.session.id]);
  });

  it('is not undone by a refresh or a cookie that was under way', async () => {
    const rig = createSessionRig();
    const { session, token, cookie } = await aFamily(rig);
    rig.now.ms += 120_000;
    const late = rig.through(async (call) => {
      await rig.store.end(session.id);
      return call();
    });
    await Promise.all([late.refresh(token), late.use(cookie)]);
    expect(rig.store.rows.size).toBe(0);
  });
});
