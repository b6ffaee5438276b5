import { createConfiguration, type ConfigurationService } from '@sluice/core/catalog/configuration';
import type { CatalogStore, PublicKey } from '@sluice/core/catalog/store';
import type { ContentStore, ConversationStore } from '@sluice/core/content/store';
import type { CodeExchange, CodeOutcome } from '@sluice/core/credentials/authorize/exchange-code';
import type { SignInStore } from '@sluice/core/credentials/authorize/store';
import { refreshTokenDigest, secretMark } from '@sluice/core/credentials/duplicates';
import { createSealer } from '@sluice/core/credentials/sealing';
import {
  clientSecretAssociatedData,
  credentialAssociatedData,
  tokenAssociatedData,
} from '@sluice/core/credentials/sealing-port';
import type { CredentialTest, TestReport } from '@sluice/core/credentials/check/test-credential';
import type { RefreshResult } from '@sluice/core/credentials/refresh/outcome';
import type { ManyResult } from '@sluice/core/credentials/refresh/refresh-many';
import type { TokenKey, TokenStore } from '@sluice/core/credentials/refresh/tokens';
import type { SealedField } from '@sluice/core/catalog/plan-credentials';
import type { PoolStateStore } from '@sluice/core/credentials/pool-state';
import type { CredentialRecords } from '@sluice/core/credentials/records/store';
import type { CredentialLists } from '@sluice/core/credentials/records/lists';
import type { VaultStore } from '@sluice/core/credentials/store';
import type { RevealOutcome } from '@sluice/core/credentials/vending/reveal';
import type { MachineSecretStore } from '@sluice/core/credentials/vending/machine-secret';
import { planMachineSecrets } from '@sluice/core/credentials/vending/plan-machine-secrets';
import {
  createAccessTokenSigner,
  verifyAccessToken,
  type AccessTokenOutcome,
  type AccessTokenSigner,
} from '@sluice/core/identity/access-tokens';
import type { AccountStore } from '@sluice/core/identity/account-store';
import { digestApiKey, previewApiKey } from '@sluice/core/identity/api-keys';
import type { KeyUseStore } from '@sluice/core/identity/key-uses';
import type { ScryptParameters } from '@sluice/core/identity/password';
import { newestVersion, type VersionedSecret } from '@sluice/core/identity/secret-versions';
import { createRefreshTokens } from '@sluice/core/identity/refresh-tokens';
import { createLoginThrottle, type LoginThrottle } from '@sluice/core/identity/login-throttle';
import type { SessionStore } from '@sluice/core/identity/session-store';
import { createSessions, type Sessions } from '@sluice/core/identity/sessions';
import type { IdentityStore } from '@sluice/core/identity/store';
import type { ThrottleStore } from '@sluice/core/identity/throttle-store';
import { createUsers, type BootstrapAdministrator, type Users } from '@sluice/core/identity/users';
import type { MediaIndex } from '@sluice/core/media/media-index';
import type { MediaObjects } from '@sluice/core/media/media-objects';
import type { RollUpStore } from '@sluice/core/metering/roll-up-store';
import type { LedgerAccountStore } from '@sluice/core/metering/account-store';
import type { SweepStore, UsageStore } from '@sluice/core/metering/store';
import { mergeRules, unavailableReason } from '@sluice/core/monitoring/default-rules';
import type { AlertStore } from '@sluice/core/monitoring/store';
import type { PlanDefinitionStore, PlanGrantStore, RedemptionCodeStore } from '@sluice/core/plans/store';
import type { HedgeStore } from '@sluice/core/relay/hedge-store';
import { createTimedCache } from '@sluice/kit/cache/timed-cache';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { UserSettingsStore } from '@sluice/core/identity/user-settings';
import type { Mailer } from '@sluice/core/mail/mailer';
import type { Sealing } from '@sluice/core/sharing/sharing';
import type { OwnedCredentialStore, QuotaPoolStore } from '@sluice/core/sharing/store';
import { createAuditLog, type AuditLog } from '@sluice/core/audit/audit-log';
import type { AuditStore } from '@sluice/core/audit/store';
import type { Logger } from '@sluice/kit/log/logger';
import type { Clock } from '@sluice/kit/time/clock';
import { createAccountServices, type AccountServices } from './account-services.ts';
import { createAuditRetention } from './audit-retention.ts';
import { createDocumentUsers } from './document-users.ts';

/** What the admin surface stands on; `deps.ts` makes it from the environment, tests from memory. */
export interface AdminPorts {
  identity: IdentityStore;
  keyUses: Pick<KeyUseStore, 'lastUses'>;
  sessionStore: SessionStore;
  throttles: ThrottleStore;
  accountStore: AccountStore;
  userSettings: UserSettingsStore;
  mailer: Mailer;
  vault: VaultStore;
  records: CredentialRecords;
  lists: CredentialLists;
  tokens: Pick<TokenStore, 'list' | 'find' | 'findMany' | 'write' | 'listAside' | 'removeAside'>;
  machineSecrets: MachineSecretStore;
  poolStates: Pick<PoolStateStore, 'listStates' | 'listStatesOf' | 'listChanges' | 'appendChange'>;
  hedges: Pick<HedgeStore, 'read'>;
  owned: OwnedCredentialStore;
  pools: QuotaPoolStore;
  catalog: CatalogStore;
  auditStore: AuditStore;
  alertStore: AlertStore;
  mediaObjects: Pick<MediaObjects, 'delete'>;
  mediaIndex: MediaIndex;
  content: Pick<ContentStore, 'findResponse' | 'deleteResponse' | 'findSession' | 'deleteSession'>;
  conversations: ConversationStore;
  usage: UsageStore;
  sweep: Pick<SweepStore, 'readSweptUntil'>;
  accounts: Pick<LedgerAccountStore, 'read' | 'ensure'>;
  codes: RedemptionCodeStore;
  plans: PlanDefinitionStore;
  planGrants: PlanGrantStore;
  /** Minutes east of UTC that days and months of limits follow. */
  timeZoneOffsetMinutes: number;
  rollUps: Pick<RollUpStore, 'readState' | 'read' | 'readRows' | 'readSliceEvents' | 'walkSliceDown'>;
  secrets: {
    pepper: () => Promise<VersionedSecret>;
    signingSeed: () => Promise<VersionedSecret>;
    bootstrapAdmin: () => Promise<BootstrapAdministrator>;
  };
  /** Asks the vault to publish its public key; its answer, unread. */
  publishVaultKey: () => Promise<unknown>;
  /** Asks the vault for a refresh now; `since`: when it was asked for. */
  askRefresh: (key: TokenKey, asked: { since: number; onceMore: boolean }) => Promise<RefreshResult>;
  signIns: SignInStore;
  /** Asks the vault for the tokens of a sign-in's code; it is sent once. */
  exchangeCode: (asked: CodeExchange) => Promise<CodeOutcome>;
  /** The same for many, in order. */
  askRefreshMany: (keys: readonly TokenKey[], since: number) => Promise<ManyResult[]>;
  /** Has the vault open the tokens of a credential. */
  askReveal: (key: TokenKey, who: string) => Promise<RevealOutcome>;
  /** Has the vault call an upstream under a credential, and tell the pool what came of it. */
  askTest: (key: TokenKey, asked: Pick<CredentialTest, 'model' | 'who'>) => Promise<TestReport>;
  scheduleNames: readonly string[];
  /** Runs one of `scheduleNames` and waits for its report. */
  runSchedule: (name: string, parameters: unknown) => Promise<unknown>;
  /** Has one of `scheduleNames` run some time soon. */
  startSchedule: (name: string) => Promise<void>;
  clock: Clock;
  log: Logger;
  buildId: string;
  version: string;
  scrypt?: ScryptParameters | undefined;
}

export interface AdminServices extends AdminPorts, AccountServices, Sealing {
  users: Users;
  sessions: Sessions;
  loginThrottle: LoginThrottle;
  configuration: ConfigurationService;
  audit: AuditLog;
  /** Lets go of audit entries past their days, now and then. */
  pruneAudit: () => Promise<void>;
  /** The signing key; published in the catalog when it is first made. */
  signer: () => Promise<AccessTokenSigner>;
  verifyToken: (token: string) => Promise<AccessTokenOutcome>;
  digestKey: (secret: string, version?: string) => Promise<{ digest: string; pepperVersion: string }>;
  preview: (secret: string) => string;
  vaultKey: () => Promise<PublicKey>;
  startedAt: number;
}

export function createAdminServices(ports: AdminPorts): AdminServices {
  const users = createUsers({
    store: ports.identity,
    readBootstrap: ports.secrets.bootstrapAdmin,
    clock: ports.clock,
    scrypt: ports.scrypt,
  });
  const digestKey = createKeyDigest(ports.secrets.pepper);
  const vaultKey = createVaultKeyFinder(ports);
  const sealSecret = async (secret: string, row: { upstream: string; id: string }, field: SealedField) =>
    createSealer(await vaultKey()).seal(secret, bindingOf(row, field));
  const configuration = createConfiguration({
    ...ports,
    findOwner: users.findByName,
    documentUsers: createDocumentUsers(ports, users),
    alertRules: { mergeRules, unavailableReason },
    planMachineSecrets: (entries, now) =>
      planMachineSecrets({ store: ports.machineSecrets, digestKey, preview: previewApiKey, now }, entries),
    sealSecret,
    marks: { refreshTokenDigest, secretMark },
    sealClientSecret: async (secret, upstream) =>
      createSealer(await vaultKey()).seal(secret, clientSecretAssociatedData(upstream)),
    digestKey,
    preview: previewApiKey,
  });
  const audit = createAuditLog({
    store: ports.auditStore,
    clock: ports.clock,
    // The log of the function is a witness that whoever can write the table cannot change.
    onAppended: ({ sequence, hash, action, outcome }) => ports.log.info('audit', { sequence, hash, action, outcome }),
  });
  return {
    ...ports,
    users,
    ...createAccountServices(ports, users),
    configuration,
    audit,
    pruneAudit: createAuditRetention({ ...ports, audit }),
    digestKey,
    sealSecret: (secret, row) => sealSecret(secret, row, 'secret'),
    digest: async (text) => (await digestKey(text)).digest,
    vaultKey,
    preview: previewApiKey,
    loginThrottle: createLoginThrottle(ports),
    sessions: createSessions({
      ...ports,
      store: ports.sessionStore,
      tokens: createRefreshTokens({ readSeed: ports.secrets.signingSeed }),
    }),
    ...createTokens(ports),
    startedAt: ports.clock(),
  };
}

function bindingOf({ upstream, id }: { upstream: string; id: string }, field: SealedField): string {
  if (field === 'refreshToken') return tokenAssociatedData({ upstream, credentialId: id }, field);
  return credentialAssociatedData({ upstream, id }, field);
}

function createKeyDigest(readPepper: () => Promise<VersionedSecret>): AdminServices['digestKey'] {
  return async (secret, version) => {
    const peppers = await readPepper();
    const known = version !== undefined && Object.hasOwn(peppers, version) ? peppers[version] : undefined;
    const pepper = known === undefined ? newestVersion(peppers) : { version: version ?? '', value: known };
    return { digest: digestApiKey({ pepper: pepper.value, secret }), pepperVersion: pepper.version };
  };
}

function createTokens(ports: AdminPorts): Pick<AdminServices, 'signer' | 'verifyToken'> {
  const published = createTimedCache<AccessTokenSigner>({ lifeMs: 10 * 60_000, max: 4 });
  const signer = async (): Promise<AccessTokenSigner> => {
    const { version, value } = newestVersion(await ports.secrets.signingSeed());
    return published.get(version, async () => {
      const made = createAccessTokenSigner({ seed: value, version });
      const stored = await ports.catalog.findPublicKey('signing', version);
      if (stored?.publicKey !== made.publicKey) {
        await ports.catalog.publishPublicKey({ name: 'signing', version, publicKey: made.publicKey });
      }
      return made;
    });
  };
  // Verified with what is published, as the relay does it: a key that was never published opens nothing.
  const publicKeys = createTimedCache<PublicKey | null>({ lifeMs: 60_000, max: 16 });
  const publicKeyOf = async (version: string): Promise<string | null> => {
    const key = await publicKeys.get(version, () => ports.catalog.findPublicKey('signing', version));
    if (key === null) publicKeys.forget(version);
    return key?.publicKey ?? null;
  };
  return { signer, verifyToken: (token) => verifyAccessToken({ token, publicKeyOf, nowMs: ports.clock() }) };
}

/** The newest key that the vault has published; it is asked to publish one where there is none. */
function createVaultKeyFinder(ports: AdminPorts): () => Promise<PublicKey> {
  const cache = createTimedCache<PublicKey>({ lifeMs: 10 * 60_000, max: 1 });
  const find = async (): Promise<PublicKey | null> => {
    const keys = await ports.catalog.listPublicKeys('vault');
    return keys.toSorted((left, right) => Number(right.version.slice(1)) - Number(left.version.slice(1)))[0] ?? null;
  };
  return () =>
    cache.get('vault', async () => {
      const stored = await find();
      if (stored) return stored;
      await ports.publishVaultKey();
      const published = await find();
      if (published) return published;
      throw new GatewayError('store_unavailable', {
        message: 'The vault has not published its key yet. Please try again.',
      });
    });
}
