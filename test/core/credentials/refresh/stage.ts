import { createSandbox, type Sandbox } from '../../../../infra/local/sandbox/server.ts';
import type { LoggedGrant } from '../../../../infra/local/sandbox/oauth/oauth.ts';
import { createOpener, createSealer, deriveVaultKeys } from '../../../../layers/core/credentials/sealing.ts';
import {
  clientSecretAssociatedData,
  credentialAssociatedData,
  tokenAssociatedData,
} from '../../../../layers/core/credentials/sealing-port.ts';
import type { RefreshCause, RefreshResult } from '../../../../layers/core/credentials/refresh/outcome.ts';
import {
  createRefresher,
  type Refresher,
  type RefresherDeps,
} from '../../../../layers/core/credentials/refresh/refresh.ts';
import { newTokenState, type TokenKey, type TokenRow } from '../../../../layers/core/credentials/refresh/tokens.ts';
import type { Credential, OAuthClient } from '../../../../layers/core/credentials/store.ts';
import { sendOnce } from '../../../../layers/kit/http/send-once.ts';
import { systemScheduler } from '../../../../layers/kit/time/scheduler.ts';
import { createMemoryPoolStates } from '../../../support/memory-pool-states.ts';
import { createMemoryVaultStore } from '../../../support/memory-stores.ts';
import { createMemoryTokens, type MemoryTokenStore } from '../../../support/memory-tokens.ts';

export const SEEDS = { v1: 'vault-seed-of-the-test-0123456789abcdefghij' };
const LOOPBACK = ['127.0.0.0/8'];

/** Refreshers with real sealing over real HTTP against the sandbox's authorization server; stores in memory. */
export interface Stage {
  sandbox: Sandbox;
  tokens: MemoryTokenStore;
  log: { level: string; event: string; fields: Record<string, unknown> }[];
  refresher: Refresher;
  /** Another process. */
  another(change?: Partial<RefresherDeps>): Refresher;
  add(
    name: string,
    given: { refreshToken: string; credential?: Partial<Credential>; client?: Partial<OAuthClient> },
  ): Promise<TokenKey>;
  manual(key: TokenKey, onceMore?: boolean): Promise<RefreshResult>;
  row(key: TokenKey): TokenRow;
  open(
    key: TokenKey,
  ): Promise<{ accessToken: string | null; refreshToken: string | null; lastRefreshToken: string | null }>;
  grants(): Promise<LoggedGrant[]>;
  seal(text: string, associatedData: string): ReturnType<ReturnType<typeof createSealer>['seal']>;
}

export async function startStage(timeoutMs = 400): Promise<Stage> {
  const sandbox = await createSandbox({ port: 0, onClock: async () => undefined });
  const tokens = createMemoryTokens();
  const vault = createMemoryVaultStore();
  const sealer = createSealer(await deriveVaultKeys({ seed: SEEDS.v1, version: 'v1' }));
  const opener = createOpener({ seeds: SEEDS });
  const log: Stage['log'] = [];
  const write =
    (level: string) =>
    (event: string, fields: object = {}) =>
      void log.push({ level, event, fields: fields as Record<string, unknown> });
  const another: Stage['another'] = (change = {}) =>
    createRefresher({
      tokens,
      vault,
      opener,
      sealer: async () => sealer,
      send: (call) => sendOnce({ ...call, allowedNetworks: LOOPBACK, connectTimeoutMs: 1_000, timeoutMs }),
      clock: Date.now,
      scheduler: systemScheduler,
      logger: { info: write('info'), error: write('error') },
      changes: createMemoryPoolStates(),
      owner: 'p',
      ...change,
    });
  const refresher = another();
  const row: Stage['row'] = ({ upstream, credentialId }) => tokens.rows.get(`${upstream}\n${credentialId}`)!;
  return {
    sandbox,
    tokens,
    log,
    refresher,
    another,
    row,
    seal: (text, associatedData) => sealer.seal(text, associatedData),
    manual: (key, onceMore = false) => {
      const cause: RefreshCause = { kind: 'manual', since: Number.MAX_SAFE_INTEGER, onceMore };
      return refresher.refresh(key, cause);
    },
    async add(name, { refreshToken, credential = {}, client = {} }) {
      const key = { upstream: `up-${name}`, credentialId: `crd_${name}` };
      const { clientSecret, ...rest } = client as { clientSecret?: unknown } & Partial<OAuthClient>;
      const oauth: OAuthClient = {
        tokenUrl: `${sandbox.url}/oauth/token`,
        authorizeUrl: null,
        clientId: 'sandbox-client',
        clientSecret:
          typeof clientSecret === 'string'
            ? await sealer.seal(clientSecret, clientSecretAssociatedData(key.upstream))
            : null,
        clientSecretDigest: null,
        clientAuth: 'body',
        scope: null,
        extra: {},
        policy: { serverError: 'not-consumed', serverErrorTries: 5, ambiguous: 'stop' },
        ...rest,
      };
      const at = { createdAt: 0, updatedAt: 0 };
      const upstream = { format: 'openai-chat', vendor: 'openai-compatible', baseUrl: 'https://x.example' } as const;
      vault.rows.upstreams.set(key.upstream, { name: key.upstream, ...upstream, oauth, ...at });
      const { proxyAuth, ...fields } = credential as { proxyAuth?: unknown } & Partial<Credential>;
      const place = { upstream: key.upstream, id: key.credentialId };
      const stored = {
        ...place,
        ...at,
        name,
        kind: 'oauth',
        tier: 'basic',
        priority: 0,
        weight: 1,
        enabled: true,
        proxyUrl: null,
        limits: {},
        secret: null,
        secretDigest: '',
        ...(typeof proxyAuth === 'string' && {
          proxyAuth: await sealer.seal(proxyAuth, credentialAssociatedData(place, 'proxyAuth')),
        }),
        ...fields,
      } as Credential;
      vault.rows.credentials.set(`${key.upstream}\n${key.credentialId}`, stored);
      const sealed = await sealer.seal(refreshToken, tokenAssociatedData(key, 'refreshToken'));
      tokens.rows.set(`${key.upstream}\n${key.credentialId}`, { ...newTokenState(sealed), ...key });
      return key;
    },
    async open(key) {
      const { accessToken, refreshToken, lastRefreshToken } = row(key);
      const open = (sealed: typeof accessToken, field: 'accessToken' | 'refreshToken') =>
        sealed && opener.open(sealed, tokenAssociatedData(key, field));
      return {
        accessToken: await open(accessToken, 'accessToken'),
        refreshToken: await open(refreshToken, 'refreshToken'),
        lastRefreshToken: await open(lastRefreshToken, 'refreshToken'),
      };
    },
    async grants() {
      const answer = await fetch(`${sandbox.url}/__oauth`);
      return ((await answer.json()) as { grants: LoggedGrant[] }).grants;
    },
  };
}
