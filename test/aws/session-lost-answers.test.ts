import { createSdkTableClient } from '../../layers/aws/sdk-table-client.ts';
import type { TableClient } from '../../layers/aws/table-client.ts';
import { createIdentityStore } from '../../layers/aws/tables/identity.ts';
import { createSessionStore } from '../../layers/aws/tables/sessions.ts';
import { createRefreshTokens } from '../../layers/core/identity/refresh-tokens.ts';
import { createSessions, type Sessions } from '../../layers/core/identity/sessions.ts';
import type { IdentityStore, User } from '../../layers/core/identity/store.ts';
import { ANN, BOTH, NOON, tokenOf, VISITOR } from '../core/identity/support/session-rig.ts';
import { startEmbeddedTables, testAws, type EmbeddedTables } from '../support/embedded-tables.ts';
import { startFaultFront, type Fault, type FaultFront } from '../support/fault-front.ts';

let embedded: EmbeddedTables;
let front: FaultFront;
let client: TableClient;
let identity: IdentityStore;
let sessions: Sessions;
beforeAll(async () => {
  embedded = await startEmbeddedTables();
  front = await startFaultFront(embedded.url);
  const retries = { sleep: async () => undefined, random: () => 0.5 };
  client = createSdkTableClient({ aws: testAws({ dynamodb: front.url }), retries });
  identity = createIdentityStore(client, embedded.tables.identity);
  sessions = createSessions({
    store: createSessionStore(client, embedded.tables.identity),
    identity,
    tokens: createRefreshTokens({ readSeed: async () => ({ v1: 'a seed of the test' }) }),
    clock: () => NOON,
    log: { warn: () => undefined },
  });
});
afterAll(async () => {
  await client.close();
  await front.close();
  await embedded.close();
});

let users = 0;
const LOST: Fault[] = ['answer-lost', 'answer-cut', 'failed-after', 'refused-before', 'throttled'];

describe.each(LOST)('when the table’s answer to the write is %s', (fault) => {
  let user: User;
  beforeEach(async () => {
    users += 1;
    user = { ...ANN, id: `usr_${users}`, username: `ann-${users}` };
    await identity.createUser(user);
  });

  it('a refresh is answered all the same, with the one successor', async () => {
    const { refreshToken } = await sessions.begin(user, VISITOR, BOTH);
    front.arm('UpdateItem', [fault]);
    const next = tokenOf(await sessions.refresh(refreshToken ?? ''));
    expect(tokenOf(await sessions.refresh(refreshToken ?? ''))).toBe(next);
    expect((await sessions.refresh(next)).outcome).toBe('refreshed');
  });

  it('signing out everywhere is done once', async () => {
    const { session } = await sessions.begin(user, VISITOR, BOTH);
    front.arm('UpdateItem', [fault]);
    const stamped = await sessions.endAll(user.id, { change: { passwordHash: 'new' } });
    expect(stamped).toMatchObject({ validAfter: Math.floor(NOON / 1000), passwordHash: 'new' });
    expect(await sessions.find(session.id, user.id)).toBeNull();
  });

  it('the session that stays does', async () => {
    const { session } = await sessions.begin(user, VISITOR, BOTH);
    front.arm('UpdateItem', [fault]);
    await sessions.endAll(user.id, { keep: session.id });
    expect(await sessions.find(session.id, user.id)).not.toBeNull();
  });
});
