import { createMemoryJobs, type MemoryJobs } from '../../support/memory-jobs.ts';
import { createMemoryContent } from '../../support/memory-content.ts';
import { createMemoryMedia } from '../../support/memory-media.ts';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { digestApiKey } from '@sluice/core/identity/api-keys';
import type { Session } from '@sluice/core/identity/session-store';
import type { ApiKey, User } from '@sluice/core/identity/store';
import type { Model, Settings } from '@sluice/core/catalog/store';
import type { Credential, Upstream } from '@sluice/core/credentials/store';
import type { UsageStore } from '@sluice/core/metering/store';
import { createCarriers } from '@sluice/core/relay/carriers';
import { createDataPlane, type DataPlane, type FrontDeps, type Handle } from '@sluice/core/relay/front';
import { RELAY_TIMERS, type RelayTimers } from '@sluice/core/relay/timers';
import { encodeErrorEnvelope } from '@sluice/kit/errors/envelopes';
import { createNodeServer } from '@sluice/kit/http/node-server';
import { createUpstreamClient, type UpstreamClient } from '@sluice/kit/http/upstream-client';
import { systemScheduler, type Scheduler } from '@sluice/kit/time/scheduler';
import { OPENAI_CHAT } from '@sluice/llm/formats/openai-chat/openai-chat';
import { RELAY_ROUTES } from '../../../functions/relay/routes.ts';
import { listen, startFakeUpstream, stop, type FakeUpstream } from '../../support/fake-upstream.ts';
import { createMemoryHedges } from '../../support/memory-hedges.ts';
import { createMemoryKeyUses } from '../../support/memory-key-uses.ts';
import { createMemoryLedgerAccounts, type MemoryLedgerAccounts } from '../../support/memory-ledger-accounts.ts';
import { createMemoryRecords, createMemoryServing } from '../../support/memory-records.ts';
import { createMemorySharing } from '../../support/memory-sharing.ts';
import { createMemoryTokens } from '../../support/memory-tokens.ts';
import { createMemorySessions } from '../../support/memory-sessions.ts';
import { createMemoryPoolStates, type MemoryPoolStates } from '../../support/memory-pool-states.ts';
import {
  createMemoryCatalogStore,
  createMemoryIdentityStore,
  createMemoryUsageStore,
  createMemoryVaultStore,
  type MemoryUsageStore,
} from '../../support/memory-stores.ts';

export const SECRET = 'sk-chosen-by-the-test-0123456789abcdef';
const PEPPER = 'pepper';

/** A fixed time; nothing in the rig reads the real clock. */
export const NOW = Date.UTC(2026, 10, 21, 12);

export function aUser(change: Partial<User> = {}): User {
  return {
    id: 'usr_1',
    username: 'ann',
    email: null,
    role: 'user',
    passwordHash: null,
    enabled: true,
    silenced: false,
    emailVerified: false,
    validAfter: 0,
    trustLevel: 0,
    mustChangePassword: false,
    createdAt: NOW,
    ...change,
  } as User;
}

export function aKey(change: Partial<ApiKey> & { secret?: string } = {}): ApiKey {
  const { secret = SECRET, ...rest } = change;
  return {
    id: 'key_1',
    ownerId: 'usr_1',
    name: 'ci',
    digest: digestApiKey({ pepper: PEPPER, secret }),
    pepperVersion: 'v1',
    preview: '',
    enabled: true,
    expiresAt: null,
    models: ['*'],
    limits: {},
    createdAt: NOW,
    ...rest,
  } as ApiKey;
}

export function aModel(change: Partial<Model> = {}): Model {
  const price = { inputMicros: 1_000_000, outputMicros: 2_000_000, cacheReadMicros: 100_000 };
  return {
    name: 'public',
    class: 'chat',
    routes: [{ upstream: 'first', model: 'up', priority: 0, weight: 1 }],
    price: {
      ...price,
      version: 1,
      cacheWrite5mMicros: 0,
      cacheWrite1hMicros: 0,
      reasoningMicros: null,
      audioMicros: null,
      imageMicros: null,
    },
    maxOutputTokens: null,
    createdAt: NOW,
    updatedAt: NOW,
    ...change,
  } as Model;
}

export function anUpstream(name: string, baseUrl: string, change: Partial<Upstream> = {}): Upstream {
  const fixed = { format: 'openai-chat', vendor: 'openai-compatible', createdAt: NOW, updatedAt: NOW } as const;
  return { name, baseUrl, ...fixed, ...change } as Upstream;
}

/** The opener of the rig reads the ciphertext as the secret. */
export function aCredential(upstream: string, name: string, change: Partial<Credential> = {}): Credential {
  return {
    id: `crd_${name}`,
    upstream,
    name,
    kind: 'api_key',
    tier: 'basic',
    priority: 0,
    weight: 1,
    enabled: true,
    proxyUrl: null,
    limits: {},
    secret: { keyVersion: 'v1', encapsulatedSecret: '', ciphertext: `secret-of-${name}` },
    secretDigest: '',
    createdAt: NOW,
    updatedAt: NOW,
    ...change,
  } as Credential;
}

export interface RigOptions {
  users?: User[];
  keys?: ApiKey[];
  sessions?: Session[];
  models?: Model[];
  /** Made with the fake upstream's base URL. */
  upstreams?(baseUrl: string): Upstream[];
  credentials?: Credential[];
  settings?: Partial<Settings>;
  timers?: Partial<RelayTimers>;
  scheduler?: Scheduler;
  /** Given, they are shared with other rigs, as relay processes share them. */
  poolStates?: MemoryPoolStates;
  usage?(stored: MemoryUsageStore): Pick<UsageStore, 'openEvent' | 'closeEvent'>;
  deps?: Partial<FrontDeps>;
}

export interface Rig {
  url: string;
  port: number;
  handle: Handle;
  runJob: DataPlane['runJob'];
  jobs: MemoryJobs;
  upstream: FakeUpstream;
  usage: MemoryUsageStore;
  accounts: MemoryLedgerAccounts;
  poolStates: MemoryPoolStates;
  log: { level: string; event: string; fields: Record<string, unknown> }[];
  close(): Promise<void>;
}

/** The relay behind its plain Node adapter, stores in memory, one fake upstream over real HTTP. */
export async function startRig(options: RigOptions = {}): Promise<Rig> {
  const upstream = await startFakeUpstream();
  const upstreamClient = createUpstreamClient({ connectTimeoutMs: 2_000 });
  const usage = createMemoryUsageStore();
  const accounts = createMemoryLedgerAccounts();
  const poolStates = options.poolStates ?? createMemoryPoolStates();
  const log: Rig['log'] = [];
  const jobs = createMemoryJobs();
  const plane = createPlane(options, { upstream, upstreamClient, usage, accounts, poolStates, log, jobs });
  const { handle, runJob } = plane;
  const server = createNodeServer({
    handle,
    maxBodyBytes: 1024 * 1024,
    encodeError: (_request, error) => ({
      status: error.status,
      headers: { 'content-type': 'application/json' },
      body: encodeErrorEnvelope('openai', error, null).body,
    }),
  });
  await listen(server);
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    await Promise.all([stop(server), upstream.close(), upstreamClient.close()]);
  };
  const url = `http://127.0.0.1:${port}`;
  return { url, port, handle, runJob, jobs, upstream, usage, accounts, poolStates, log, close };
}

function createPlane(
  options: RigOptions,
  parts: Pick<Rig, 'upstream' | 'usage' | 'accounts' | 'poolStates' | 'log' | 'jobs'> & {
    upstreamClient: UpstreamClient;
  },
): DataPlane {
  const { upstream, upstreamClient, usage, accounts, poolStates, log, jobs } = parts;
  const write =
    (level: string) =>
    (event: string, fields: object = {}) =>
      void log.push({ level, event, fields: fields as Record<string, unknown> });
  const upstreams = options.upstreams ?? ((baseUrl: string) => [anUpstream('first', baseUrl)]);
  const vault = createMemoryVaultStore({
    upstreams: upstreams(upstream.baseUrl),
    credentials: options.credentials ?? [aCredential('first', 'a')],
  });
  return createDataPlane({
    routes: RELAY_ROUTES,
    defaultFormat: OPENAI_CHAT,
    clock: () => NOW,
    scheduler: options.scheduler ?? systemScheduler,
    random: () => 0.5,
    logger: { info: write('info'), warn: write('warn'), error: write('error') },
    buildId: 'build-1',
    timers: { ...RELAY_TIMERS, ...options.timers },
    upstreamClient,
    identity: createMemoryIdentityStore({ users: options.users ?? [aUser()], keys: options.keys ?? [aKey()] }),
    sessions: createMemorySessions(options.sessions),
    catalog: createMemoryCatalogStore({
      models: options.models ?? [aModel()],
      settings: { allowedUpstreamNetworks: ['127.0.0.0/8'], ...options.settings },
    }),
    vault,
    records: createMemoryRecords(vault),
    serving: createMemoryServing(vault),
    tokens: createMemoryTokens(),
    askRefresh: () => Promise.reject(new Error('Nothing is refreshed here')),
    ...createMemorySharing(),
    hedges: createMemoryHedges(),
    poolStates,
    keyUses: createMemoryKeyUses(),
    usage: { ...usage, ...options.usage?.(usage) },
    accounts,
    findPrice: async () => null,
    timeZoneOffsetMinutes: 0,
    opener: { open: async (sealed) => sealed.ciphertext },
    content: createMemoryContent(),
    jobs,
    startJob: async () => undefined,
    newestPepper: { version: 'v1', value: PEPPER },
    pepperOf: () => PEPPER,
    postWebhook: async () => ({ failure: 'unreachable' }),
    ...createMemoryMedia({ clock: () => NOW }),
    carriers: createCarriers({ seeds: { v1: 'a seed of the test' } }),
    signUpstream: () => Promise.reject(new Error('Nothing is signed here')),
    digestsOf: (secret) => [digestApiKey({ pepper: PEPPER, secret })],
    ...options.deps,
  });
}

export interface Call {
  status: number;
  headers: IncomingMessage['headers'];
  /** The body up to its end or its break. */
  text: string;
  json: any; // oxlint-disable-line typescript/no-explicit-any -- answers are looked into freely
  /** The connection broke before the body's end. */
  broken: boolean;
}

export interface CallOptions {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: string | Buffer | object;
  /** Sees each piece of the body; answering `leave` breaks the connection. */
  onData?(text: string): 'leave' | undefined;
}

export const CHAT = { model: 'public', messages: [{ role: 'user', content: 'Say something.' }] };

/** One call to the rig as a client makes it. */
export function call(rig: Pick<Rig, 'port'>, options: CallOptions = {}): Promise<Call> {
  const { body = CHAT } = options;
  const method = options.method ?? 'POST';
  const bytes = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      port: rig.port,
      host: '127.0.0.1',
      method,
      path: options.path ?? '/v1/chat/completions',
      headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json', ...options.headers },
      agent: false,
    });
    request.on('error', reject);
    request.on('response', (response) => collect(response, options, resolve, () => request.destroy()));
    request.end(method === 'GET' || method === 'OPTIONS' ? undefined : bytes);
  });
}

function collect(
  response: IncomingMessage,
  { onData }: CallOptions,
  resolve: (call: Call) => void,
  leave: () => void,
): void {
  let text = '';
  const finish = (broken: boolean): void => {
    resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: parse(text), broken });
  };
  response.setEncoding('utf8');
  response.on('data', (piece: string) => {
    text += piece;
    if (onData?.(text) === 'leave') leave();
  });
  response.on('end', () => finish(false));
  response.on('error', () => finish(true));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Resolves when the condition holds; turns of the event loop, not time, decide how long is waited. */
export async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 200_000; turn += 1) {
    if (condition()) return;
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  throw new Error('What the test waits for does not come');
}

/** The one usage event of a rig, once it is closed. */
export async function closedEvent(rig: Rig) {
  await until(() => rig.usage.rows.size > 0 && [...rig.usage.rows.values()].every((row) => row.phase === 'closed'));
  const [event] = rig.usage.rows.values();
  return event!.closing!;
}
