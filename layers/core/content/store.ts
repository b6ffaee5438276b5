/** What is kept of conversations for those who lead them. `layers/aws/tables/content.ts` implements it. */

/** A response that may be read again and gone on from, as its owner got it. */
export interface StoredResponse {
  id: string;
  /** The user whose key asked. */
  ownerId: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
  expiresAt: number;
  /** JSON of the request's whole input as a list, what it went on from included. */
  input: string;
  /** JSON of the response object. */
  response: string;
}

export interface ChatMessage {
  role: 'user' | 'assistant';
  content: string;
}

/** A conversation of the chat surface. */
export interface ChatSession {
  id: string;
  ownerId: string;
  createdAt: number;
  updatedAt: number;
  expiresAt: number;
  /** The last of them. */
  messages: ChatMessage[];
}

/** What a list tells of a conversation without opening it. */
export interface ConversationAbout {
  model: string | null;
  /** How the last question begins; empty where it has no words. */
  title: string;
  /** Questions of the user. */
  turns: number;
}

export interface ContentStore {
  /** False when it is too large to be kept. */
  putResponse(response: StoredResponse, about: ConversationAbout): Promise<boolean>;
  /** Null when there is none, or not any more. */
  findResponse(ownerId: string, id: string, nowMs: number): Promise<StoredResponse | null>;
  deleteResponse(ownerId: string, id: string): Promise<boolean>;
  putSession(session: ChatSession, about: ConversationAbout): Promise<boolean>;
  findSession(ownerId: string, id: string, nowMs: number): Promise<ChatSession | null>;
  /** Without their messages, the latest first. */
  listSessions(ownerId: string, nowMs: number): Promise<Omit<ChatSession, 'messages'>[]>;
  deleteSession(ownerId: string, id: string): Promise<boolean>;
}

export type ConversationKind = 'session' | 'response';

export interface ConversationKey {
  kind: ConversationKind;
  id: string;
}

/** A row of the list of what a user's keys have left here. */
export interface ListedConversation extends ConversationKey, ConversationAbout {
  ownerId: string;
  /** Milliseconds since the epoch, as the others. */
  createdAt: number;
  updatedAt: number;
  expiresAt: number;
  /** What its content takes, compressed. */
  bytes: number;
}

/** Both kinds by owner, for people who look at them. `layers/aws/tables/conversations.ts` implements it. */
export interface ConversationStore {
  /**
   * The last begun first.
   * @throws GatewayError `invalid_field` when `cursor` is not one of this list
   */
  list(
    ownerId: string,
    page: { kind: ConversationKind | null; limit: number; cursor: string | null; nowMs: number },
  ): Promise<{ items: ListedConversation[]; nextCursor: string | null }>;
  /** Null when it is not in the list. */
  find(ownerId: string, key: ConversationKey & { createdAt: number }): Promise<ListedConversation | null>;
  /** Deletes some of all that is kept of an owner, listed or not. */
  removeSome(ownerId: string): Promise<{ deleted: number; hasMore: boolean }>;
}
