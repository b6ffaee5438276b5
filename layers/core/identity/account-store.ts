import type { PageRequest, Role, User } from './store.ts';

/**
 * Users' names, standing and mailed links, as far as several items change together.
 * `layers/aws/tables/accounts.ts` implements the store.
 */

/** `change-email`: the address that it was sent to takes the place of the user's. */
export const LINK_PURPOSES = ['verify-email', 'change-email', 'reset-password'] as const;
export type LinkPurpose = (typeof LINK_PURPOSES)[number];

/** A link that was sent by mail. It works once; only a digest of its token is stored. */
export interface MailedLink {
  tokenDigest: string;
  purpose: LinkPurpose;
  userId: string;
  /** Where it was sent. */
  email: string;
  /** What it was made against (`standingStamp`): with another password or address since then it is over. */
  stamp: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
  expiresAt: number;
  /** Null until it was used. */
  usedAt: number | null;
}

export type UserChange = Partial<Omit<User, 'id' | 'createdAt'>>;

/** Who changes somebody else; must still be enabled and of this role when the change is written. */
export interface Actor {
  id: string;
  role: Role;
}

export interface UserChangeRequest {
  /** As it was read. A user whose name, address, standing or password is another meanwhile is not changed. */
  user: User;
  change: UserChange;
  /** Digest of the token of a link that this uses up. */
  link?: { tokenDigest: string; now: number } | undefined;
  actor?: Actor | undefined;
}

export type UserChangeOutcome =
  | { outcome: 'changed'; user: User }
  | { outcome: 'name-taken' | 'changed-meanwhile' | 'not-found' | 'link-used' | 'actor-refused' };

/** A stretch of a list. Each user comes with the cursor that goes on behind them. */
export interface ListedUsers {
  items: { user: User; cursor: string }[];
  /** Null at the end of the list. */
  next: string | null;
}

export interface AccountStore {
  createLink(link: MailedLink): Promise<void>;
  /** Used and expired ones, too. */
  findLink(tokenDigest: string): Promise<MailedLink | null>;
  /** By e-mail address or name: always the same reads, whether there is such a user or not. */
  findUserEvenly(login: string): Promise<User | null>;
  /** All or nothing: the user, the guards of the names, the link. */
  changeUser(request: UserChangeRequest): Promise<UserChangeOutcome>;
  /** The user and the guards of the names, which are free again. */
  removeUser(request: Pick<UserChangeRequest, 'user' | 'actor'>): Promise<UserChangeOutcome['outcome']>;
  /** Users whose folded name begins so, by name. */
  listUsersByName(prefix: string, page: PageRequest): Promise<ListedUsers>;
  /** Users whose folded e-mail address begins so, by address. */
  listUsersByEmail(prefix: string, page: PageRequest): Promise<ListedUsers>;
}
