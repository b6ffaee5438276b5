import { deriveVaultKeys } from '../../../../layers/core/credentials/sealing.ts';
import { hashPassword } from '../../../../layers/core/identity/password.ts';
import type { Role, User } from '../../../../layers/core/identity/store.ts';
import type { PlainResponse } from '../../../../layers/kit/http/exchange.ts';
import { createAdmin } from '../../../../functions/admin/app.ts';
import { createTemplateRouter } from '../../../../functions/admin/router.ts';
import { ROUTES } from '../../../../functions/admin/routes.ts';
import { createAdminServices, type AdminPorts, type AdminServices } from '../../../../functions/admin/services.ts';
import { createMemoryAuditStore, type MemoryAuditStore } from '../../../support/memory-audit.ts';
import { createMemoryAlerts, type MemoryAlerts } from '../../../support/memory-alerts.ts';
import { createMemorySharing } from '../../../support/memory-sharing.ts';
import { createMemoryContent } from '../../../support/memory-content.ts';
import { createMemoryRollUpStore } from '../../../support/memory-roll-ups.ts';
import { createMemoryHedges } from '../../../support/memory-hedges.ts';
import { createMemoryKeyUses, type MemoryKeyUses } from '../../../support/memory-key-uses.ts';
import { createMemoryLedgerAccounts, type MemoryLedgerAccounts } from '../../../support/memory-ledger-accounts.ts';
import { createMemoryMachineSecrets, type MemoryMachineSecrets } from '../../../support/memory-machine-secrets.ts';
import { createMemorySignIns, type MemorySignIns } from '../../../support/memory-sign-ins.ts';
import { createMemoryTokens, type MemoryTokenStore } from '../../../support/memory-tokens.ts';
import {
  createMemoryPlanDefinitions,
  createMemoryPlanGrants,
  createMemoryRedemptionCodes,
} from '../../../support/memory-plans.ts';
import { createMemoryCredentialLists, createMemoryRecords } from '../../../support/memory-records.ts';
import { createMemoryPoolStates, type MemoryPoolStates } from '../../../support/memory-pool-states.ts';
import { aSession, createMemorySessions, type MemorySessions } from '../../../support/memory-sessions.ts';
import { createMemoryThrottles, type MemoryThrottles } from '../../../support/memory-throttles.ts';
import {
  createMemoryAccounts,
  createMemoryUserSettings,
  type MemoryAccounts,
  type MemoryUserSettings,
} from '../../../support/memory-accounts.ts';
import { createMemoryMailer, type MemoryMailer } from '../../../support/memory-mailer.ts';
import { createMemoryMediaIndex, createMemoryObjects } from '../../../support/memory-media.ts';
import {
  createMemoryCatalogStore,
  createMemoryIdentityStore,
  createMemoryUsageStore,
  createMemoryVaultStore,
} from '../../../support/memory-stores.ts';

export const BOOTSTRAP = { username: 'admin', password: 'first-password-1234567890' };
export const VAULT_SEED = 'vault-seed-of-the-test-0123456789abcdefgh';
export const SIGNING_SEED = 'signing-seed-of-the-test-0123456789abcde';
export const HOST = 'gateway.example.com';
/** Cheap on purpose: the cost is tested where it matters. */
const SCRYPT = { ln: 4, r: 8, p: 1 };

interface Sent {
  method?: string;
  headers?: Record<string, string>;
  /** An object is sent as JSON; a text as it is, with the JSON type. */
  body?: unknown;
  clientAddress?: string;
}

export interface Answered {
  status: number;
  headers: PlainResponse['headers'];
  text: string;
  // Tests read whatever shape they expect; a wrong one fails the assertion.
  json: Json;
}
// oxlint-disable-next-line typescript/no-explicit-any -- answers of all routes pass here
export type Json = any;

export interface Stage {
  keyUses: MemoryKeyUses;
  identity: ReturnType<typeof createMemoryIdentityStore>;
  sessions: MemorySessions;
  throttles: MemoryThrottles;
  mailer: MemoryMailer;
  accountStore: MemoryAccounts;
  userSettings: MemoryUserSettings;
  vault: ReturnType<typeof createMemoryVaultStore>;
  poolStates: MemoryPoolStates;
  catalog: ReturnType<typeof createMemoryCatalogStore>;
  auditStore: MemoryAuditStore;
  alertStore: MemoryAlerts;
  usage: ReturnType<typeof createMemoryUsageStore>;
  accounts: MemoryLedgerAccounts;
  codes: ReturnType<typeof createMemoryRedemptionCodes>;
  content: ReturnType<typeof createMemoryContent>;
  services: AdminServices;
  tokens: MemoryTokenStore;
  signIns: MemorySignIns;
  machineSecrets: MemoryMachineSecrets;
  call: (path: string, sent?: Sent) => Promise<Answered>;
  /** Authorization header of a user of this role. */
  as: (role: Role) => Promise<Record<string, string>>;
  now: { ms: number };
  log: string[];
  vaultAsked: () => number;
  /** Names of schedules that were started. */
  started: string[];
}

/** The whole admin surface over stores in memory; every 2xx answer is checked against the schema of its route. */
export function createStage(change: Partial<AdminPorts> = {}): Stage {
  const now = { ms: Date.parse('2026-03-01T12:00:00Z') };
  const log: string[] = [];
  const write =
    (level: string) =>
    (event: string, fields: object = {}) =>
      void log.push(JSON.stringify({ level, event, ...fields }));
  const tokens = createMemoryTokens();
  const signIns = createMemorySignIns();
  const [identity, vault] = [createMemoryIdentityStore(), createMemoryVaultStore({ tokens })];
  const throttles = createMemoryThrottles();
  const sessions = createMemorySessions();
  const mailer = createMemoryMailer();
  const accountStore = createMemoryAccounts(identity);
  const userSettings = createMemoryUserSettings();
  const catalog = createMemoryCatalogStore();
  const auditStore = createMemoryAuditStore();
  const alertStore = createMemoryAlerts();
  const usage = createMemoryUsageStore();
  const accounts = createMemoryLedgerAccounts();
  const codes = createMemoryRedemptionCodes(accounts);
  const poolStates = createMemoryPoolStates();
  const machineSecrets = createMemoryMachineSecrets();
  const started: string[] = [];
  let asked = 0;
  const keyUses = createMemoryKeyUses();
  const content = createMemoryContent();
  const services = createAdminServices({
    identity,
    keyUses,
    sessionStore: sessions,
    throttles,
    mailer,
    accountStore,
    userSettings,
    vault,
    tokens,
    records: createMemoryRecords(vault),
    lists: createMemoryCredentialLists(),
    machineSecrets,
    askTest: async () => ({
      outcome: 'passed',
      upstreamStatus: 200,
      text: 'The upstream answered with 200.',
      reactivated: false,
      durationMs: 1,
    }),
    askRefresh: async () => ({ outcome: 'refreshed', text: 'It is refreshed.' }),
    signIns,
    exchangeCode: async () => ({ outcome: 'failed', text: 'There is no vault here.' }),
    askReveal: async () => ({ outcome: 'switched-off' }),
    askRefreshMany: async (keys) => keys.map(() => ({ outcome: 'refreshed', text: 'It is refreshed.' })),
    poolStates,
    hedges: createMemoryHedges(),
    ...createMemorySharing(),
    catalog,
    auditStore,
    alertStore,
    mediaObjects: createMemoryObjects(),
    mediaIndex: createMemoryMediaIndex(),
    content,
    conversations: content.conversations,
    usage,
    sweep: { readSweptUntil: async () => null },
    accounts,
    codes,
    plans: createMemoryPlanDefinitions(),
    planGrants: createMemoryPlanGrants(accounts),
    timeZoneOffsetMinutes: 0,
    rollUps: createMemoryRollUpStore(usage.rows),
    secrets: {
      pepper: async () => ({ v1: 'pepper-of-the-test-0123456789abcdefghijkl' }),
      signingSeed: async () => ({ v1: SIGNING_SEED }),
      bootstrapAdmin: async () => BOOTSTRAP,
    },
    publishVaultKey: async () => {
      asked += 1;
      const { version, publicKey } = await deriveVaultKeys({ seed: VAULT_SEED, version: 'v1' });
      await catalog.publishPublicKey({ name: 'vault', version, publicKey });
    },
    scheduleNames: ['sweep-holds'],
    runSchedule: async (name, parameters) => ({ ran: name, parameters }),
    startSchedule: async (name) => void started.push(name),
    clock: () => now.ms,
    log: { info: write('info'), warn: write('warn'), error: write('error') },
    buildId: 'test-build',
    version: '0.1.0',
    scrypt: SCRYPT,
    ...change,
  });
  const handle = createAdmin(services);
  const call = async (path: string, sent: Sent = {}): Promise<Answered> =>
    checked(path, sent, await send(handle, path, sent));
  return {
    identity,
    keyUses,
    sessions,
    throttles,
    mailer,
    accountStore,
    userSettings,
    vault,
    tokens,
    signIns,
    machineSecrets,
    poolStates,
    catalog,
    auditStore,
    alertStore,
    usage,
    accounts,
    codes,
    content,
    services,
    call,
    now,
    log,
    vaultAsked: () => asked,
    started,
    as: tokenMaker(services, now),
  };
}

async function send(handle: ReturnType<typeof createAdmin>, path: string, sent: Sent): Promise<Answered> {
  const [pathOnly = '', query = ''] = path.split('?');
  const isText = typeof sent.body === 'string';
  const body = sent.body === undefined ? '' : isText ? String(sent.body) : JSON.stringify(sent.body);
  const method = sent.method ?? (sent.body === undefined ? 'GET' : 'POST');
  const answer = await handle({
    method,
    path: pathOnly,
    query,
    headers: {
      'x-forwarded-host': HOST,
      ...(body === '' ? {} : { 'content-type': 'application/json' }),
      ...sent.headers,
    },
    body: Buffer.from(body),
    clientAddress: sent.clientAddress ?? '192.0.2.1',
  });
  const text = Buffer.from(answer.body as string).toString('utf8');
  const isJson = String(answer.headers['content-type']).startsWith('application/json') && text !== '';
  return { status: answer.status, headers: answer.headers, text, json: isJson ? JSON.parse(text) : null };
}

const findRoute = createTemplateRouter(ROUTES);

function checked(path: string, sent: Sent, answer: Answered): Answered {
  if (answer.status >= 300 || answer.json === null) return answer;
  const method = sent.method ?? (sent.body === undefined ? 'GET' : 'POST');
  const found = findRoute(method, path.split('?')[0] ?? '');
  if (found && 'row' in found) found.row.answer?.parse(answer.json);
  return answer;
}

function tokenMaker(services: AdminServices, now: { ms: number }): Stage['as'] {
  return async (role) => {
    const id = `usr_${role}`;
    if (!(await services.identity.findUserById(id))) await services.identity.createUser(aUser(role, now.ms));
    const user = (await services.identity.findUserById(id)) ?? aUser(role, now.ms);
    const session = aSession({ id: `ses_${role}`, userId: id, validAfter: user.validAfter });
    await services.sessionStore.create(session);
    const token = await (await services.signer()).sign(user, session.id, now.ms);
    return { authorization: `Bearer ${token}` };
  };
}

export function aUser(role: Role, now = 0): User {
  return {
    id: `usr_${role}`,
    username: `some-${role}`,
    email: `${role}@example.com`,
    role,
    passwordHash: null,
    enabled: true,
    silenced: false,
    emailVerified: true,
    validAfter: 0,
    trustLevel: 0,
    mustChangePassword: false,
    createdAt: now,
  };
}

export async function aUserWithPassword(role: Role, password: string): Promise<User> {
  return { ...aUser(role), passwordHash: await hashPassword(password, SCRYPT) };
}

/** The document of the README, on addresses that are public. */
export function aDocument(): Json {
  return {
    version: 1,
    upstreams: [{ name: 'openai', format: 'openai-chat', vendor: 'openai', baseUrl: 'https://api.openai.com/v1' }],
    credentials: [
      { upstream: 'openai', name: 'team-a', kind: 'api_key', secret: 'sk-upstream-secret-text', tier: 'basic' },
    ],
    models: [
      {
        name: 'gpt-5',
        class: 'chat',
        routes: [{ upstream: 'openai', model: 'gpt-5.1', priority: 0, weight: 1 }],
        price: { inputPerMillion: 1.25, outputPerMillion: 10, cacheReadPerMillion: 0.125 },
      },
    ],
    keys: [
      { name: 'ci', owner: 'admin', secret: 'chosen-key-of-thirty-two-characters-or-more', models: ['*'] },
      { name: 'laptop' },
    ],
    settings: { apiDocs: true },
  };
}
