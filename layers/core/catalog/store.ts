import type { ModelFeatures } from '@sluice/llm/formats/model-features';

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
}

/** Integer micro-dollars per million units of each usage part; a part without a price costs nothing. */
export interface Price {
  /** 1, 2, 3…: a changed price is a new version, old versions stay. */
  version: number;
  inputMicros: number;
  outputMicros: number;
  cacheReadMicros: number;
  cacheWrite5mMicros: number;
  cacheWrite1hMicros: number;
  /** Reasoning is billed as output where this is null. */
  reasoningMicros: number | null;
  audioMicros: number | null;
  /** Per image, not per million. */
  imageMicros: number | null;
}

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
  /** The sweep of OAuth credentials: what is due by the life of its token, or was not refreshed for so many days. */
  autoRefresh: { enabled: boolean; intervalDays: number };
}

export type UpstreamTimeout = 'firstByteMs' | 'firstContentMs' | 'slowStartMs' | 'idleMs';

export const DEFAULT_SETTINGS: Settings = {
  apiDocs: false,
  browserOrigins: [],
  allowedUpstreamNetworks: [],
  upstreamTimeouts: {},
  usageLogDays: 90,
  autoRefresh: { enabled: false, intervalDays: 2 },
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
  /** Writes the model and, when its price version is new, the price row beside it, in one transaction. */
  putModel(model: Model): Promise<void>;
  deleteModel(name: string): Promise<boolean>;
  findPrice(model: string, version: number): Promise<Price | null>;
  readSettings(): Promise<Settings>;
  /** Merges the given settings into the stored ones. */
  changeSettings(change: Partial<Settings>): Promise<Settings>;
  findPublicKey(name: PublicKeyName, version: string): Promise<PublicKey | null>;
  /** Every version. */
  listPublicKeys(name: PublicKeyName): Promise<PublicKey[]>;
  publishPublicKey(key: PublicKey): Promise<void>;
}
