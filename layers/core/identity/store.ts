/** Users and keys as the rules see them. `layers/aws/tables/identity.ts` implements the store. */

export type Role = 'user' | 'admin' | 'super_admin';

export interface User {
  id: string;
  username: string;
  email: string | null;
  role: Role;
  /** PHC-style text of scrypt (`core/identity/password.ts`); null: no password login. */
  passwordHash: string | null;
  enabled: boolean;
  silenced: boolean;
  emailVerified: boolean;
  /** Sessions that began under an earlier one have ended (`session-store.ts`). Epoch seconds, and always growing. */
  validAfter: number;
  /** 0 and up: scales the role's limits and opens sharing (settings). */
  trustLevel: number;
  /** The console asks for a new password before anything else; the API does not. */
  mustChangePassword: boolean;
  /** Takes the place of the role's own, measure by measure, and is not scaled by the trust level. */
  limits?: UserLimits | undefined;
  /** Milliseconds since the epoch. */
  createdAt: number;
}

/** What a role, or one user, may use. −1 = unlimited, 0 = blocked; what is left out is as the role has it. */
export type UserLimits = {
  requestsPerMinute?: number | undefined;
  /** In 24 hours of the user's own grid. An active plan takes its place. */
  tokensPer24Hours?: number | undefined;
  maxConcurrent?: number | undefined;
  budgetMicrosPerMonth?: number | undefined;
  /** How many keys a user may have. */
  keys?: number | undefined;
};

/** −1 = unlimited, 0 = blocked. Kept by the ledger account of the key's owner (core/metering/limits.ts). */
export interface KeyLimits {
  requestsPerMinute?: number | undefined;
  tokensPerDay?: number | undefined;
  perDay?:
    | { chat?: number | undefined; heavy?: number | undefined; image?: number | undefined; video?: number | undefined }
    | undefined;
  /** null = no budget. */
  budgetMicrosPerMonth?: number | null | undefined;
  maxConcurrent?: number | undefined;
}

export interface ApiKey {
  id: string;
  ownerId: string;
  name: string;
  /** HMAC-SHA-256(pepper, secret) in hex; the secret itself is never stored. */
  digest: string;
  pepperVersion: string;
  /** Enough of the secret to tell keys apart, e.g. `sk-sluice1-Ab3…9xYz`. */
  preview: string;
  enabled: boolean;
  /** Milliseconds since the epoch; null = never. */
  expiresAt: number | null;
  /** Public model names, or `*` for all. */
  models: string[];
  limits: KeyLimits;
  /** Addresses and networks (CIDR) that it may be used from; empty or absent = any. */
  allowedIps?: string[] | undefined;
  /** Vendor, format or name of the upstreams that may serve it; null or absent = any. */
  channel?: string | null | undefined;
  description?: string | null | undefined;
  /** The owner's own notes; nothing here reads them. */
  metadata?: KeyMetadata | null | undefined;
  createdAt: number;
}

export type KeyMetadata = Readonly<Record<string, string | number | boolean | null>>;

/** What of a key its owner may change. */
export type KeyChange = Partial<
  Pick<
    ApiKey,
    'name' | 'enabled' | 'expiresAt' | 'models' | 'limits' | 'allowedIps' | 'channel' | 'description' | 'metadata'
  >
>;

/** What of a user is written together with the end of their sessions. */
export type CredentialChange = Partial<Pick<User, 'passwordHash' | 'mustChangePassword'>>;

/** One page of a list, and where the next begins; `nextCursor` null at the end. Cursors are opaque text. */
export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}

export interface PageRequest {
  limit: number;
  cursor: string | null;
}

export interface IdentityStore {
  findUserById(userId: string): Promise<User | null>;
  /** Case-insensitive, by user name or by e-mail address. */
  findUserByLogin(login: string): Promise<User | null>;
  /** Creates the user and the guards of its unique names in one transaction. */
  createUser(user: User): Promise<'created' | 'name-taken'>;
  /** Every user, by user name; administrators' lists and the export walk it page by page. */
  listUsers(page: PageRequest): Promise<Page<User>>;
  updateUser(
    userId: string,
    change: Partial<
      Pick<
        User,
        | 'role'
        | 'passwordHash'
        | 'enabled'
        | 'silenced'
        | 'emailVerified'
        | 'validAfter'
        | 'trustLevel'
        | 'mustChangePassword'
        | 'limits'
      >
    >,
  ): Promise<User | null>;
  /**
   * Sets the user's `validAfter`, and the change with it, if that is later than what is stored. `user` is what is stored
   * then; null when there is none.
   */
  raiseValidAfter(
    userId: string,
    validAfter: number,
    change: CredentialChange,
  ): Promise<{ raised: boolean; user: User } | null>;

  findKeyByDigest(digest: string): Promise<ApiKey | null>;
  findKeyById(keyId: string): Promise<ApiKey | null>;
  listKeysOfOwner(ownerId: string, page: PageRequest): Promise<Page<ApiKey>>;
  /** The cursor of an owner's list of keys that goes on behind this one. */
  cursorBehindKey(key: ApiKey): string;
  /**
   * Creates the key and the guard of its id, and counts it for its owner, in one transaction; a digest already in use
   * is refused.
   * @param most how many keys the owner may have then, this one included; null or absent = any number
   */
  createKey(key: ApiKey, most?: number | null): Promise<'created' | 'secret-taken' | 'too-many'>;
  updateKey(keyId: string, change: KeyChange): Promise<ApiKey | null>;
  deleteKey(keyId: string): Promise<boolean>;
}
