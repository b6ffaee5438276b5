import type { ModelFeatures } from '@sluice/llm/formats/model-features';
import type { Role, UserLimits } from '../identity/store.ts';

/** Models, their routes and prices, settings, published public keys. `layers/aws/tables/catalog.ts` implements it. */

export const QUOTA_CLASSES = ['chat', 'heavy', 'image', 'video'] as const;
export type QuotaClass = (typeof QUOTA_CLASSES)[number];

/** One way to serve a public model. */
export interface Route {
  upstream: string;
  /** The upstream's own name of the model. */
  model: string;
  /** Lower is tried first. */
  priority: number;
  weight: number;
  /** What is known of this model at this upstream; what is left open is as usual for the format. */
  features?: Partial<ModelFeatures> | undefined;
  /** What the model costs by this route, where that is not the model's own price. Its version is one of the model's. */
  price?: Price | undefined;
}

/** Integer micro-dollars per million tokens of each usage part; a part without a price costs nothing. */
export interface TokenRates {
  inputMicros: number;
  outputMicros: number;
  cacheReadMicros: number;
  cacheWrite5mMicros: number;
  cacheWrite1hMicros: number;
  /** Reasoning is billed as output where this is null. */
  reasoningMicros: number | null;
  /** Audio in either direction, where that has no price of its own; where this is null too, it is billed as text. */
  audioMicros: number | null;
  audioInputMicros?: number | undefined;
  audioOutputMicros?: number | undefined;
  /** Tokens of images are billed as text where these are absent. */
  imageInputMicros?: number | undefined;
  imageOutputMicros?: number | undefined;
}

/** Rates of requests that read more than so many tokens; what a tier does not name is as in the price. */
export interface PriceTier extends Partial<TokenRates> {
  aboveInputTokens: number;
}

export interface Price extends TokenRates {
  /** 1, 2, 3…: a changed price is a new version, old versions stay. */
  version: number;
  /** Integer micro-dollars per piece, from here on: an image made, a second of video made, a request, a web search. */
  imageMicros: number | null;
  videoSecondMicros?: number | undefined;
  requestMicros?: number | undefined;
  webSearchMicros?: number | undefined;
  /** Rising thresholds: the last one that a request passed holds for all of its tokens. */
  tiers?: PriceTier[] | undefined;
}

/** A version, and when it came to be; rows from before that was noted do not know. */
export type DatedPrice = Price & { createdAt?: number | undefined };

export interface Model {
  /** The public name that clients send. */
  name: string;
  class: QuotaClass;
  routes: Route[];
  price: Price | null;
  /** Upper bound of the model's output tokens; null = unknown. */
  maxOutputTokens: number | null;
  createdAt: number;
  updatedAt: number;
}

export interface Settings {
  /** Serve `/api/openapi.json` and `/api/docs`. */
  apiDocs: boolean;
  /** Origins that browsers may call the data plane from; `*` for any; empty = none. */
  browserOrigins: string[];
  /** CIDR ranges outside the public Internet that upstream base URLs may point into. */
  allowedUpstreamNetworks: string[];
  /**
   * How many milliseconds an upstream may be silent before it is given up: until its status, until its first content
   * after that, until both where somebody else can be asked, in between. What is not named here is as in the relay's
   * own table.
   */
  upstreamTimeouts: Partial<Record<QuotaClass, { [Name in UpstreamTimeout]?: number | undefined }>>;
  /** How many days each request stays in the log. Sums outlive it. */
  usageLogDays: number;
  /**
   * The sweep of OAuth credentials: what is due by the life of its token, or was not refreshed for so many days; so many
   * beside each other at one token endpoint.
   */
  autoRefresh: { enabled: boolean; intervalDays: number; recordsAtOnce?: number | undefined };
  /** The list of models is asked for under credentials that are not known to rest, once in so many minutes each. */
  credentialChecks: { enabled: boolean; intervalMinutes: number };
  /**
   * A second candidate is asked when a stream's first content takes longer than it does for this part of requests, as
   * long as what the losers cost stays within the day's sum. Users pay for one.
   */
  hedging: { enabled: boolean; quantile: number; dailyBudgetMicros: number };
  /** What users may use by their role; what is not named here is as in core/metering/role-limits.ts. */
  roleLimits: Partial<Record<Role, UserLimits>>;
  /** By trust level from 0: what the role's windows are multiplied by. The last one holds for all levels above. */
  trustFactors: number[];
  /** CIDR ranges outside the public Internet that webhooks may be sent into. */
  allowedWebhookNetworks: string[];
  /** Whether administrators who may see tokens of OAuth credentials are shown them. */
  tokenReveal: 'on' | 'off';
  /** How many days an entry stays in the audit log. */
  auditDays: number;
  /** Whether the console asks whoever still has a generated password for one of their own. */
  forcedPasswordChange: boolean;
  /** Whether strangers may make themselves an account. */
  registration: 'open' | 'closed';
  /** Domains whose addresses may register; empty = any. */
  registrationDomains: string[];
  /** `off`: nobody has to show that an e-mail address is theirs. */
  emailVerification: 'required' | 'off';
  /** Of passwords that are chosen from then on. */
  minPasswordLength: number;
  /** Whether users may bring credentials of their own. */
  userCredentials: 'on' | 'off';
  /** Trust level that it takes to bring or share one. */
  sharingTrustLevel: number;
  /** What one shared credential adds to its owner's maximum of the shared pool, for each model; four decimals. */
  sharedQuotaPerCredential: number;
  /** What each shared credential brings back in an hour. */
  sharedQuotaRecovery: number;
  /** Public models that are drawn upon together; the first group that has a model is the model's. */
  sharedModelGroups: string[][];
  /** How pictures are given to clients who do not say how they want them. */
  imageFormat: 'url' | 'b64_json' | 'base64';
  /** Told to pages that ask whether pictures can be shown as they come; older names mean the same. */
  imageGenerationMethod: string;
  /** Films in conversations are shown as a still that leads to them; else as a player. */
  videoPosterPreview: 'on' | 'off';
}

/** Settings as they stood at one moment. Every change makes the version one greater. */
export interface VersionedSettings {
  settings: Settings;
  version: number;
}

export type UpstreamTimeout = 'firstByteMs' | 'firstContentMs' | 'slowStartMs' | 'idleMs';

export const DEFAULT_SETTINGS: Settings = {
  apiDocs: false,
  browserOrigins: [],
  allowedUpstreamNetworks: [],
  allowedWebhookNetworks: [],
  upstreamTimeouts: {},
  usageLogDays: 90,
  autoRefresh: { enabled: false, intervalDays: 2 },
  credentialChecks: { enabled: false, intervalMinutes: 60 },
  hedging: { enabled: false, quantile: 0.9, dailyBudgetMicros: 1_000_000 },
  auditDays: 730,
  tokenReveal: 'off',
  forcedPasswordChange: true,
  registration: 'closed',
  registrationDomains: [],
  emailVerification: 'required',
  minPasswordLength: 8,
  roleLimits: {},
  trustFactors: [1],
  userCredentials: 'on',
  sharingTrustLevel: 0,
  sharedQuotaPerCredential: 2,
  sharedQuotaRecovery: 0.4,
  imageFormat: 'url',
  imageGenerationMethod: 'legacy',
  videoPosterPreview: 'off',
  sharedModelGroups: [
    ['gemini-3-pro-low', 'gemini-3-pro-high'],
    ['claude-sonnet-4-5', 'claude-sonnet-4-5-thinking', 'claude-opus-4-5-thinking'],
    ['gemini-2.5-pro', 'gemini-2.5-pro-thinking'],
    ['claude-sonnet-4-5', 'claude-sonnet-4-5-thinking', 'claude-opus-4-5-thinking', 'gpt-oss-120b-medium'],
  ],
};

export type PublicKeyName = 'vault' | 'signing';

export interface PublicKey {
  name: PublicKeyName;
  version: string;
  /** base64 of the raw public key. */
  publicKey: string;
}

export interface CatalogStore {
  findModel(name: string): Promise<Model | null>;
  listModels(): Promise<Model[]>;
  /** Writes the model and the rows of those price versions that are new, in one transaction. */
  putModel(model: Model): Promise<void>;
  deleteModel(name: string): Promise<boolean>;
  findPrice(model: string, version: number): Promise<Price | null>;
  /** All versions that the model ever had, oldest first, its routes' own among them. */
  listPrices(model: string): Promise<DatedPrice[]>;
  readSettings(): Promise<Settings>;
  readVersionedSettings(): Promise<VersionedSettings>;
  /**
   * Merges the given settings into the stored ones.
   * @param seenVersion changes nothing when the settings are of another version by now
   */
  changeSettings(change: Partial<Settings>, seenVersion?: number): Promise<VersionedSettings | 'conflict'>;
  findPublicKey(name: PublicKeyName, version: string): Promise<PublicKey | null>;
  /** Every version. */
  listPublicKeys(name: PublicKeyName): Promise<PublicKey[]>;
  publishPublicKey(key: PublicKey): Promise<void>;
}
