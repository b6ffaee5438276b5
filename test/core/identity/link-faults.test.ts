import type { User } from '../../../layers/core/identity/store.ts';
import { createPasswordReset } from '../../../layers/core/identity/password-reset.ts';
import { createRegistration } from '../../../layers/core/identity/registration.ts';
import { createMemoryAccounts, createMemoryUserSettings } from '../../support/memory-accounts.ts';
import { createMemoryIdentityStore } from '../../support/memory-stores.ts';
import { createMemoryThrottles } from '../../support/memory-throttles.ts';

/** The ways of links, with one call of a store failing: before it was applied, or after it (its answer was lost). */

const NOW = Date.parse('2026-03-01T12:00:00Z');
const MAIL = { publicUrl: 'https://x.example', language: 'en' } as const;
const VISITOR = { address: '192.0.2.7', mail: MAIL };
const JO = { email: 'jo@example.com', username: 'jo-smith', password: 'correct horse' };

type Mode = 'before' | 'after';
class Lost extends Error {}

function aRig() {
  const identity = createMemoryIdentityStore();
  const accounts = createMemoryAccounts(identity);
  const fault = { at: 0, mode: 'before' as Mode, calls: 0 };
  const unsure = <Store extends object>(store: Store): Store =>
    new Proxy(store, {
      get(target, name) {
        const run = Reflect.get(target, name) as unknown;
        if (typeof run !== 'function') return run;
        return async (...given: unknown[]) => {
          fault.calls += 1;
          const fails = fault.calls === fault.at;
          if (fails && fault.mode === 'before') throw new Lost('not applied');
          const result: unknown = await (run as (...all: unknown[]) => unknown)(...given);
          if (fails) throw new Lost('answer lost');
          return result;
        };
      },
    });
  const tokens: string[] = [];
  const deps = {
    identity: unsure(identity),
    accounts: unsure(accounts),
    userSettings: unsure(createMemoryUserSettings()),
    throttles: unsure(createMemoryThrottles()),
    mails: {
      async send({ token }: { token?: string | undefined }) {
        if (token !== undefined) tokens.push(token);
        return 'sent' as const;
      },
    },
    readSettings: async () => ({
      registration: 'open' as const,
      registrationDomains: [],
      emailVerification: 'required' as const,
      minPasswordLength: 8,
    }),
    bootstrapName: async () => 'admin',
    hashPassword: async (password: string) => `hash of ${password}`,
    clock: () => NOW,
  };
  const user = (): User | undefined => [...identity.rows.users.values()][0];
  return { ...createRegistration(deps), ...createPasswordReset(deps), fault, tokens, user, identity, accounts };
}

type Rig = ReturnType<typeof aRig>;

async function outcomeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'done',
    (error: { code?: string }) => (error instanceof Lost ? 'lost' : (error.code ?? String(error))),
  );
}

/** Runs a way once for every call that it makes and both ways of failing. */
async function everyFault(
  prepare: (rig: Rig) => Promise<void>,
  run: (rig: Rig) => Promise<unknown>,
  judge: (rig: Rig, first: string) => Promise<void>,
): Promise<number> {
  let cases = 0;
  for (const mode of ['before', 'after'] as const) {
    for (let at = 1; ; at += 1) {
      const rig = aRig();
      await prepare(rig);
      Object.assign(rig.fault, { at, mode, calls: 0 });
      const first = await outcomeOf(run(rig));
      if (rig.fault.calls < at) break;
      rig.fault.at = 0;
      expect(first).toBe('lost');
      await judge(rig, first);
      cases += 1;
    }
  }
  return cases;
}

const lastToken = (rig: Rig): string => rig.tokens.at(-1) ?? '';

describe('one lost call of a store', () => {
  it('on the way of a reset link leaves the old password and the link, or the new one and a clear answer', async () => {
    const cases = await everyFault(
      async (rig) => {
        await rig.register(JO, VISITOR);
        await rig.forgotPassword(JO.email, VISITOR);
      },
      (rig) => rig.resetPassword(lastToken(rig), 'first password'),
      async (rig) => {
        const isChanged = rig.user()?.passwordHash === 'hash of first password';
        const second = await outcomeOf(rig.resetPassword(lastToken(rig), 'second password'));
        expect(second).toBe(isChanged ? 'link_invalid' : 'done');
        expect(rig.user()?.passwordHash).toBe(`hash of ${isChanged ? 'first' : 'second'} password`);
        expect(rig.user()).toMatchObject({ emailVerified: true, validAfter: NOW / 1_000 });
      },
    );
    expect(cases).toBe(2 * 4);
  });

  it('on the way of a confirmation leaves a link that works, or a confirmed address', async () => {
    const cases = await everyFault(
      async (rig) => void (await rig.register(JO, VISITOR)),
      (rig) => rig.verifyEmail(lastToken(rig), MAIL),
      async (rig) => {
        const isConfirmed = rig.user()?.emailVerified;
        const second = await outcomeOf(rig.verifyEmail(lastToken(rig), MAIL));
        expect(second).toBe(isConfirmed ? 'link_invalid' : 'done');
        expect(rig.user()?.emailVerified).toBe(true);
      },
    );
    expect(cases).toBe(2 * 3);
  });

  it('on the way of a registration leaves no user or one, who gets in either way', async () => {
    const cases = await everyFault(
      async () => undefined,
      (rig) => rig.register(JO, VISITOR),
      async (rig) => {
        const second = await outcomeOf(rig.register(JO, VISITOR));
        expect(rig.identity.rows.users.size).toBe(1);
        if (second === 'done') expect(await outcomeOf(rig.verifyEmail(lastToken(rig), MAIL))).toBe('done');
        else {
          expect(second).toBe('conflict');
          await rig.forgotPassword(JO.email, VISITOR);
          expect(await outcomeOf(rig.resetPassword(lastToken(rig), 'another password'))).toBe('done');
        }
        expect(rig.user()?.emailVerified).toBe(true);
      },
    );
    expect(cases).toBe(2 * 3);
  });
});
