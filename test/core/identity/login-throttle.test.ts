import { createLoginThrottle } from '../../../layers/core/identity/login-throttle.ts';
import type { ThrottleVerdict } from '../../../layers/core/identity/throttle-store.ts';
import { createMemoryThrottles } from '../../support/memory-throttles.ts';

const NOON = Date.parse('2026-03-01T12:00:00Z');
const MINUTE_MS = 60_000;
const HOME = '198.51.100.1';

/** Two processes over one store. */
function createRig() {
  const now = { ms: NOON };
  const throttles = createMemoryThrottles();
  const deps = { throttles, clock: () => now.ms };
  return { now, throttles, one: createLoginThrottle(deps), other: createLoginThrottle(deps) };
}
type Rig = ReturnType<typeof createRig>;

async function fail(rig: Rig, times: number, login = 'ann', address = HOME): Promise<ThrottleVerdict> {
  let verdict: ThrottleVerdict = { allowed: true, retryAfterSeconds: 0 };
  for (let index = 0; index < times; index += 1) {
    verdict = await (index % 2 === 0 ? rig.one : rig.other).take(login, address);
  }
  return verdict;
}

/** A guesser with many addresses, who uses up what strangers may try for the name in this hour. */
async function besiege(rig: Rig, login = 'ann'): Promise<void> {
  for (let index = 0; index < 11; index += 1) await fail(rig, 10, login, `203.0.113.${index}`);
}

describe('tries to sign in', () => {
  it('are ten for one name from one address in a quarter of an hour, over all processes', async () => {
    const rig = createRig();
    expect((await fail(rig, 10)).allowed).toBe(true);
    expect(await rig.one.take('ann', HOME)).toEqual({ allowed: false, retryAfterSeconds: 900 });
    rig.now.ms += 15 * MINUTE_MS;
    expect((await rig.other.take('ann', HOME)).allowed).toBe(true);
  });

  it('are counted before the password is looked at: of fifty at once ten are let through', async () => {
    const rig = createRig();
    const verdicts = await Promise.all(Array.from({ length: 50 }, () => rig.one.take('ann', HOME)));
    expect(verdicts.filter(({ allowed }) => allowed)).toHaveLength(10);
  });

  it('of colleagues behind one address, or of one person from another address, are their own', async () => {
    const rig = createRig();
    await fail(rig, 11);
    expect((await rig.one.take('ben', HOME)).allowed).toBe(true);
    expect((await rig.one.take('ann', '198.51.100.2')).allowed).toBe(true);
  });

  it.each([
    ['cases of a name', ['ann', 'ANN', 'Ａnn'], [HOME]],
    ['addresses of one network of IPv6', ['ann'], ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9', '2001:0db8:1:2:3:4:5:6']],
    ['spellings of an address of IPv4', ['ann'], [HOME, `::ffff:${HOME}`]],
  ])('are not multiplied by %s', async (_what, logins, addresses) => {
    const rig = createRig();
    let allowed = 0;
    for (let index = 0; index < 30; index += 1) {
      const login = logins[index % logins.length] ?? '';
      const verdict = await rig.one.take(login, addresses[index % addresses.length] ?? '');
      if (verdict.allowed) allowed += 1;
    }
    expect(allowed).toBe(10);
  });

  it('from two networks of IPv6 are counted apart', async () => {
    const rig = createRig();
    await fail(rig, 11, 'ann', '2001:db8:1:2::1');
    expect((await rig.one.take('ann', '2001:db8:1:3::1')).allowed).toBe(true);
    expect((await rig.one.take('ann', '::1')).allowed).toBe(true);
  });

  it('are forgiven by a right password', async () => {
    const rig = createRig();
    await fail(rig, 9);
    await rig.one.take('ann', HOME);
    await rig.one.succeed('ann', HOME);
    expect((await fail(rig, 10)).allowed).toBe(true);
  });

  it('are never used up by right passwords, however many in an hour', async () => {
    const rig = createRig();
    for (let index = 0; index < 300; index += 1) {
      expect((await rig.one.take('ann', HOME)).allowed).toBe(true);
      await rig.one.succeed('ann', HOME);
    }
  });

  it('are two hundred in a quarter of an hour from one address, whatever the names', async () => {
    const rig = createRig();
    await rig.one.take('ben', HOME);
    await rig.one.succeed('ben', HOME);
    for (let index = 0; index < 200; index += 1) await rig.one.take(`name${index}`, HOME);
    expect(await rig.other.take('one-more', HOME)).toEqual({ allowed: false, retryAfterSeconds: 900 });
    expect((await rig.one.take('one-more', '198.51.100.2')).allowed).toBe(true);
    expect((await rig.one.take('ben', HOME)).allowed).toBe(true);
    rig.now.ms += 15 * MINUTE_MS;
    expect((await rig.one.take('one-more', HOME)).allowed).toBe(true);
  });

  it('are a hundred in an hour for one name from everywhere', async () => {
    const rig = createRig();
    await besiege(rig);
    expect(await rig.one.take('ann', HOME)).toEqual({ allowed: false, retryAfterSeconds: 3600 });
    expect((await rig.one.take('ben', HOME)).allowed).toBe(true);
    rig.now.ms += 60 * MINUTE_MS;
    expect((await rig.one.take('ann', HOME)).allowed).toBe(true);
  });

  it('of strangers never lock out the address that the owner has signed in from, for a month', async () => {
    const rig = createRig();
    await rig.one.take('ann', HOME);
    await rig.one.succeed('ann', HOME);
    rig.now.ms += 29 * 24 * 60 * MINUTE_MS;
    await besiege(rig);
    expect((await rig.one.take('ann', '198.51.100.2')).allowed).toBe(false);
    expect((await fail(rig, 10)).allowed).toBe(true);
    expect((await rig.one.take('ann', HOME)).allowed).toBe(false);
    rig.now.ms += 2 * 24 * 60 * MINUTE_MS;
    await besiege(rig);
    expect((await rig.one.take('ann', HOME)).allowed).toBe(false);
  });

  it('of strangers do not lock out that address under another name of its owner either', async () => {
    const rig = createRig();
    await rig.one.take('ann', HOME);
    await rig.one.succeed('ann', HOME, { username: 'Ann', email: 'ann@example.com' });
    await besiege(rig, 'ann@example.com');
    expect((await rig.one.take('ANN@example.com', HOME)).allowed).toBe(true);
    expect((await rig.one.take('ann@example.com', '198.51.100.2')).allowed).toBe(false);
  });

  it('that are refused at one address use up nothing of the name', async () => {
    const rig = createRig();
    await fail(rig, 500);
    expect((await rig.one.take('ann', '198.51.100.2')).allowed).toBe(true);
  });

  it('for a name that nobody has are counted by the same calls', async () => {
    const known = createRig();
    await known.one.take('ann', HOME);
    const unknown = createRig();
    await unknown.one.take('nobody', HOME);
    expect(unknown.throttles.asked.map((name) => name.replace('nobody', 'ann'))).toEqual(known.throttles.asked);
  });
});
