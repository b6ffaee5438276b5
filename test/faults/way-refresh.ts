import { TABLES } from '../../layers/aws/names.ts';
import type { TableClient } from '../../layers/aws/table-client.ts';
import { createTableOperations } from '../../layers/aws/table-operations.ts';
import { createIdentityStore } from '../../layers/aws/tables/identity.ts';
import { createSessionStore } from '../../layers/aws/tables/sessions.ts';
import { createRefreshTokens, readRefreshToken } from '../../layers/core/identity/refresh-tokens.ts';
import { createSessions, REFRESH_GRACE_MS, type Sessions } from '../../layers/core/identity/sessions.ts';
import { aUser } from '../core/relay/rig.ts';
import { USER } from './seed.ts';
import { createClient, type Stage } from './stage.ts';
import type { Tables } from './tables.ts';
import type { Way } from './way.ts';

/*
 * One refresh token that several present: twice at once, once more when an answer was lost, and after the grace. One
 * generation follows the other, each has one successor, and whoever comes too late ends the family.
 */

const VISITOR = { userAgent: 'a test', address: '192.0.2.1' };
/** When each presents the first token. */
const PRESENTED_AFTER_MS = [0, 0, 2_000, 2 * REFRESH_GRACE_MS];
/** Clocks of processes differ. */
const SKEW_MS = 300;

interface Presented {
  by: string;
  generation: number;
  atMs: number;
  /** Generation of the token that was got; null: none was given; undefined: no answer. */
  got?: number | null;
}

const sessionsOver = (client: TableClient, clock: () => number): Sessions =>
  createSessions({
    store: createSessionStore(client, TABLES.identity.id),
    identity: createIdentityStore(client, TABLES.identity.id),
    tokens: createRefreshTokens({ readSeed: async () => ({ v1: 'a seed of the test' }) }),
    clock,
    log: { warn: () => undefined },
  });

const inPeace = (tables: Tables): TableClient =>
  createTableOperations({ send: tables.send, close: async () => undefined });

export function createRefreshWay(): Way {
  let first = '';
  let sessionId = '';
  const presented: Presented[] = [];
  /** When each generation began. */
  const began = new Map<number, number>();
  let newest = 0;

  const present = async (stage: Stage, actor: ReturnType<Stage['world']['actor']>, token: string): Promise<boolean> => {
    const generation = readRefreshToken(token)?.generation ?? 0;
    const entry: Presented = { by: actor.name, generation, atMs: stage.world.nowMs };
    presented.push(entry);
    try {
      const outcome = await sessionsOver(createClient(stage, actor), stage.world.clock(actor)).refresh(token);
      const refreshed = outcome.outcome === 'refreshed' ? readRefreshToken(outcome.refreshToken) : null;
      entry.got = refreshed?.generation ?? null;
      return true;
    } catch {
      return false;
    }
  };
  return {
    async prepare({ tables, world }) {
      const client = inPeace(tables);
      const user = aUser({ id: USER, createdAt: world.nowMs });
      await createIdentityStore(client, TABLES.identity.id).createUser(user);
      const begun = await sessionsOver(client, () => world.nowMs).begin(user, VISITOR, {
        cookie: false,
        refresh: true,
      });
      first = begun.refreshToken ?? '';
      sessionId = begun.session.id;
    },
    begin(stage, add) {
      for (const [index, afterMs] of PRESENTED_AFTER_MS.entries()) {
        const actor = stage.world.actor(`admin ${index}`, index * SKEW_MS);
        const run = (): void => {
          void present(stage, actor, first).then(async (isAnswered) => {
            if (!isAnswered) await present(stage, actor, first);
          });
        };
        add({ place: 'refreshes', actor, run }, afterMs);
      }
    },
    async wrote({ tables }, partition) {
      if (partition !== `session#${sessionId}` || sessionId === '') return [];
      const session = await createSessionStore(inPeace(tables), TABLES.identity.id).find(sessionId);
      if (!session?.refresh) return [];
      const { generation, rotatedAt } = session.refresh;
      const before = began.get(generation);
      began.set(generation, rotatedAt);
      const isSame = generation === newest && before === rotatedAt;
      const follows = newest === 0 || generation === newest + 1;
      newest = generation;
      return isSame || follows ? [] : [`one-refresh-token: generation ${generation} was begun twice or out of turn`];
    },
    async check({ tables }) {
      const session = await createSessionStore(inPeace(tables), TABLES.identity.id).find(sessionId);
      const broken: string[] = [];
      for (const { by, generation, atMs, got } of presented) {
        const say = (what: string): void => void broken.push(`one-refresh-token: ${by} ${what}`);
        if (got === null && session !== null) say('was refused, and the family lives on');
        if (typeof got !== 'number') continue;
        if (got !== generation + 1) say(`presented ${generation} and got ${got}`);
        const lateMs = atMs - (began.get(got) ?? atMs);
        if (lateMs > REFRESH_GRACE_MS + PRESENTED_AFTER_MS.length * SKEW_MS)
          say(`got a successor ${lateMs} ms after it had begun`);
      }
      const known = Math.max(...presented.map(({ generation, got }) => got ?? generation));
      const current = session?.refresh?.generation ?? known;
      if (current > known + 1) broken.push(`one-refresh-token: ${current} is current, nobody knows more than ${known}`);
      return broken;
    },
  };
}
