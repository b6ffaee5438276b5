import { createHmac } from 'node:crypto';
import type { Role, User } from '../../../layers/core/identity/store.ts';
import { DEFAULT_RULES } from '../../../layers/core/monitoring/default-rules.ts';
import type { EvaluateDeps } from '../../../layers/core/monitoring/evaluate-alerts.ts';
import type { Incident } from '../../../layers/core/monitoring/incidents.ts';
import { webhookSecret } from '../../../layers/core/monitoring/webhook-secret.ts';
import type { PostOutcome } from '../../../layers/kit/http/guarded-post.ts';
import { createMemoryAlerts, type MemoryAlerts } from '../../support/memory-alerts.ts';
import { createMemoryLedgerAccounts } from '../../support/memory-ledger-accounts.ts';
import { createMemoryMailer, type MemoryMailer } from '../../support/memory-mailer.ts';
import { createMemoryTokens, type MemoryTokenStore } from '../../support/memory-tokens.ts';
import { createMemoryPoolStates } from '../../support/memory-pool-states.ts';
import { createMemoryRollUpStore } from '../../support/memory-roll-ups.ts';
import {
  createMemoryCatalogStore,
  createMemoryIdentityStore,
  createMemoryUsageStore,
  createMemoryVaultStore,
} from '../../support/memory-stores.ts';
import { aUsageEvent } from '../../support/usage-events.ts';
import { MINUTE, NOON } from './rules.ts';

export interface Post {
  url: string;
  headers: Record<string, string>;
  body: string;
}

export interface Rig {
  deps: EvaluateDeps;
  store: MemoryAlerts;
  mailer: MemoryMailer;
  posts: Post[];
  /** What the receiver answers. */
  answer: PostOutcome;
  mailOutcome: 'sent' | 'failed' | 'off';
  probes: Record<string, () => Promise<unknown>>;
  log: string[];
  incidents: Incident[];
  vault: ReturnType<typeof createMemoryVaultStore>;
  tokens: MemoryTokenStore;
  poolStates: ReturnType<typeof createMemoryPoolStates>;
  accounts: ReturnType<typeof createMemoryLedgerAccounts>;
  identity: ReturnType<typeof createMemoryIdentityStore>;
  now: () => number;
  pass: (minutes: number) => void;
  /** Requests that ended a moment ago. */
  serve: (facts: { requests: number; failed?: number; status?: number; firstByteMs?: number; userId?: string }) => void;
  /** Switches the built-in rules off but for those that are named. */
  quiet: (...but: string[]) => Promise<void>;
  addUser: (change: Partial<User> & { role: Role }) => void;
  /** Puts back what a test broke of the store. */
  restore: () => void;
}

export const PEPPER = 'pepper-of-the-test-0123456789abcdefghijkl';

/** The job over stores in memory, with a clock of its own. */
export function createRig(): Rig {
  const clock = { ms: NOON };
  const store = createMemoryAlerts();
  const whole = { ...store };
  const usage = createMemoryUsageStore();
  const tokens = createMemoryTokens();
  const [vault, identity, catalog] = [
    createMemoryVaultStore({ tokens }),
    createMemoryIdentityStore(),
    createMemoryCatalogStore(),
  ];
  const poolStates = createMemoryPoolStates();
  const accounts = createMemoryLedgerAccounts();
  const log: string[] = [];
  const logger = {
    warn: (event: string, fields: object = {}) =>
      void log.push([event, ...Object.values(fields).slice(0, 1)].join(' ')),
  };
  const probes: Rig['probes'] = { ledger: async () => null, catalog: async () => null };
  const incidents: Incident[] = [];
  let users = 0;
  void store.putWebhook(aWebhook());
  const rig: Rig = {
    store,
    posts: [],
    answer: { status: 204 },
    mailOutcome: 'sent',
    mailer: createMemoryMailer(() => rig.mailOutcome),
    probes,
    log,
    incidents,
    vault,
    tokens,
    poolStates,
    accounts,
    identity,
    now: () => clock.ms,
    pass: (minutes) => void (clock.ms += minutes * MINUTE),
    serve({ requests, failed = 0, status = 502, firstByteMs = 100, userId = 'usr_user' }) {
      for (let index = 0; index < requests; index += 1) {
        const attempt = { upstream: 'openai', credential: 'team-a', status, error: 'upstream_error', durationMs: 90 };
        const closing = index < failed ? { status, error: 'upstream_error', attempts: [attempt] } : {};
        const event = aUsageEvent(clock.ms - 1_000 - index, { userId }, { ...closing, firstByteMs });
        usage.rows.set(event.requestId, event);
      }
    },
    async quiet(...but) {
      for (const rule of DEFAULT_RULES) {
        if (!but.includes(rule.id)) await store.putRule({ ...rule, enabled: false });
      }
    },
    addUser: (change) => {
      users += 1;
      void identity.createUser({
        id: `usr_${users}`,
        username: `user-${users}`,
        email: null,
        passwordHash: null,
        enabled: true,
        silenced: false,
        emailVerified: true,
        validAfter: 0,
        trustLevel: 0,
        mustChangePassword: false,
        createdAt: 0,
        ...change,
      });
    },
    restore: () => {
      const { listPending, finish } = whole;
      Object.assign(store, { listPending, finish });
    },
    deps: {
      store,
      clock: () => clock.ms,
      notices: { identity },
      measuring: {
        usage: { rollUps: createMemoryRollUpStore(usage.rows), usage },
        sweep: { readSweptUntil: async () => clock.ms - 20 * MINUTE },
        vault,
        tokens,
        poolStates,
        incidents: {
          note: async (incident) => void incidents.push(incident),
          list: async (kind, { from, to }) =>
            incidents.filter((one) => one.kind === kind && one.at >= from && one.at < to),
        },
        budgets: { accounts, identity, readSettings: catalog.readSettings, timeZoneOffsetMinutes: 0 },
        probes,
        logger,
      },
      delivering: {
        get mailer() {
          return rig.mailer;
        },
        readPepper: async (version) => (version === 'v1' ? PEPPER : undefined),
        secretOf: ({ id, salt }, pepper) => webhookSecret({ pepper, webhookId: id, salt }),
        post: async (post) => {
          rig.posts.push(post);
          return rig.answer;
        },
        logger,
        mayGoOn: () => true,
      },
    },
  };
  return rig;
}

export function aWebhook() {
  return {
    id: 'whk_one',
    name: 'One',
    url: 'https://hooks.example.com/alerts?room=1',
    enabled: true,
    salt: 'salt-of-one',
    pepperVersion: 'v1',
    createdAt: NOON,
    updatedAt: NOON,
  };
}

/** As a receiver checks it (https://github.com/standard-webhooks/standard-webhooks). */
export function isSignedBy(secret: string, { headers, body }: Pick<Post, 'headers' | 'body'>): boolean {
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return headers['webhook-signature'] === `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
}
