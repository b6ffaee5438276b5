import { createVault, type Vault, type VaultPorts } from '../../../../functions/vault/app.ts';
import { createKeyPublisher } from '../../../../functions/vault/key-publisher.ts';
import { publicRows } from '../../../../functions/vault/public-api.ts';
import { createOpener, createSealer, deriveVaultKeys } from '../../../../layers/core/credentials/sealing.ts';
import { tokenAssociatedData } from '../../../../layers/core/credentials/sealing-port.ts';
import type { RefreshCause, RefreshResult } from '../../../../layers/core/credentials/refresh/outcome.ts';
import { newTokenState } from '../../../../layers/core/credentials/refresh/tokens.ts';
import type { Credential } from '../../../../layers/core/credentials/store.ts';
import { createMachineGuard } from '../../../../layers/core/credentials/vending/machine-guard.ts';
import { machineText, type MachineSecret } from '../../../../layers/core/credentials/vending/machine-secret.ts';
import { createTokenVending } from '../../../../layers/core/credentials/vending/vending.ts';
import { digestApiKey } from '../../../../layers/core/identity/api-keys.ts';
import type { PlainRequest, PlainResponse } from '../../../../layers/kit/http/exchange.ts';
import { systemScheduler } from '../../../../layers/kit/time/scheduler.ts';
import { createMemoryMachineSecrets, type MemoryMachineSecrets } from '../../../support/memory-machine-secrets.ts';
import { createMemoryCatalogStore, type MemoryCatalogStore } from '../../../support/memory-stores.ts';
import { createMemoryThrottles, type MemoryThrottles } from '../../../support/memory-throttles.ts';
import { createMemoryTokens, type MemoryTokenStore } from '../../../support/memory-tokens.ts';

export const SEEDS = { v1: 'vault-seed-0123456789abcdefghijklmnop' };
const PEPPERS: Record<string, string> = { v1: 'pepper-of-the-test-0123456789abcdefghijkl' };
const PREFIX = '/public-api';
export const SECRET = 'the-machine-secret-0123456789abcdefghij';
export const START = 1_700_000_000_000;

interface Sent {
  method?: string;
  /** Null sends none. */
  secret?: string | null;
  body?: unknown;
  headers?: Record<string, string>;
}

interface Answered {
  status: number;
  headers: PlainResponse['headers'];
  // Tests read whatever shape they expect; a wrong one fails the assertion.
  // oxlint-disable-next-line typescript/no-explicit-any -- answers of all paths pass here
  json: any;
}

export interface VaultStage {
  vault: Vault;
  catalog: MemoryCatalogStore;
  tokens: MemoryTokenStore;
  secrets: MemoryMachineSecrets;
  throttles: MemoryThrottles;
  credentials: Credential[];
  /** What was asked of the refresher. */
  causes: RefreshCause[];
  /** What the next refreshes come to; may change the row as a refresh does. */
  refresh: { run: (key: { upstream: string; credentialId: string }) => Promise<RefreshResult> };
  now: { ms: number };
  log: string[];
  call(path: string, sent?: Sent): Promise<Answered>;
  add(given: Partial<Credential> & { id: string }, tokens?: { access?: string; refresh?: string }): Promise<Credential>;
  /** Other tokens for a row, as a refresh saves them. */
  setTokens(credential: Credential, tokens: { access?: string; refresh?: string }): Promise<void>;
}

/** The vault over stores in memory, with real sealing; refreshes are what the test says. */
export async function createVaultStage(change: Partial<VaultPorts> = {}): Promise<VaultStage> {
  const catalog = createMemoryCatalogStore();
  const tokens = createMemoryTokens();
  const secrets = createMemoryMachineSecrets([aMachineSecret('sync', SECRET)]);
  const throttles = createMemoryThrottles();
  const credentials: Credential[] = [];
  const causes: RefreshCause[] = [];
  const now = { ms: START };
  const log: string[] = [];
  const write =
    (level: string) =>
    (event: string, fields: object = {}) =>
      void log.push(JSON.stringify({ level, event, ...fields }));
  const logger = { info: write('info'), warn: write('warn'), error: write('error') };
  const refresh: VaultStage['refresh'] = { run: async () => ({ outcome: 'refreshed', text: 'It is refreshed.' }) };
  const refresher: VaultPorts['refresher'] = {
    refresh: (key, cause) => {
      causes.push(cause);
      return refresh.run(key);
    },
  };
  const publishKey = createKeyPublisher({ catalog, readSeed: async () => SEEDS, log: logger });
  const guard = createMachineGuard({
    secrets,
    digest: async (text, version) => {
      const pepper = PEPPERS[version];
      if (pepper === undefined) throw new Error('no such pepper');
      return digestApiKey({ pepper, secret: text });
    },
    throttles,
    clock: () => now.ms,
  });
  const vending = createTokenVending({
    lookup: {
      findByBizId: async (bizId) => credentials.find((one) => one.bizId === bizId) ?? null,
      listByEmail: async (email) => credentials.filter((one) => one.email === email),
    },
    tokens,
    refresher,
    opener: createOpener({ seeds: SEEDS }),
    clock: () => now.ms,
  });
  const vault = createVault({
    publishKey,
    refresher,
    exchangeCode: unasked,
    testCredential: unasked,
    revealTokens: unasked,
    rows: publicRows({ prefix: PREFIX, guard, vending, checkHealth: publishKey, log: logger }),
    publicApiPrefix: PREFIX,
    clock: () => now.ms,
    scheduler: systemScheduler,
    log: logger,
    buildId: 'test-build',
    ...change,
  });
  const sealer = createSealer(await deriveVaultKeys({ seed: SEEDS.v1, version: 'v1' }));
  const setTokens: VaultStage['setTokens'] = async ({ upstream, id }, { access, refresh: refreshToken }) => {
    const key = { upstream, credentialId: id };
    const seal = (text: string | undefined, field: 'accessToken' | 'refreshToken') =>
      text === undefined ? null : sealer.seal(text, tokenAssociatedData(key, field));
    tokens.rows.set(`${upstream}\n${id}`, {
      ...newTokenState(await seal(refreshToken, 'refreshToken')),
      accessToken: await seal(access, 'accessToken'),
      ...key,
    });
  };
  return {
    vault,
    catalog,
    tokens,
    secrets,
    throttles,
    credentials,
    causes,
    refresh,
    now,
    log,
    setTokens,
    async add(given, tokensGiven = {}) {
      const credential = aCredential(given);
      credentials.push(credential);
      if (credential.kind === 'oauth') await setTokens(credential, tokensGiven);
      return credential;
    },
    async call(path, sent = {}) {
      const { secret = SECRET, body, headers = {} } = sent;
      const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
      const request: PlainRequest = {
        method: sent.method ?? (body === undefined ? 'GET' : 'POST'),
        path,
        query: '',
        headers: { ...(secret === null ? {} : { 'x-api-secret': secret }), ...headers },
        body: Buffer.from(text),
        clientAddress: '192.0.2.1',
      };
      const answer = await vault.handle(request);
      return { status: answer.status, headers: answer.headers, json: JSON.parse(String(answer.body)) as unknown };
    },
  };
}

async function unasked(): Promise<never> {
  throw new Error('nobody asks for this here');
}

export function aMachineSecret(name: string, secret: string, change: Partial<MachineSecret> = {}): MachineSecret {
  return {
    name,
    enabled: true,
    requestsPerMinute: -1,
    current: aMachineValue(secret),
    previous: null,
    revision: 1,
    createdAt: START,
    updatedAt: START,
    ...change,
  };
}

export function aMachineValue(secret: string): MachineSecret['current'] {
  const digest = digestApiKey({ pepper: PEPPERS['v1'] ?? '', secret: machineText(secret) });
  return { digest, pepperVersion: 'v1', preview: secret.slice(0, 4), createdAt: START };
}

function aCredential(given: Partial<Credential> & { id: string }): Credential {
  return {
    upstream: 'up',
    name: `name-of-${given.id}`,
    kind: 'oauth',
    tier: 'basic',
    priority: 0,
    weight: 1,
    enabled: true,
    proxyUrl: null,
    limits: {},
    secret: null,
    secretDigest: '',
    createdAt: START,
    updatedAt: START,
    ...given,
  };
}
