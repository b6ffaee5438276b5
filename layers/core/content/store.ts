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

export interface ContentStore {
  /** False when it is too large to be kept. */
  putResponse(response: StoredResponse): Promise<boolean>;
  /** Null when there is none, or not any more. */
  findResponse(ownerId: string, id: string, nowMs: number): Promise<StoredResponse | null>;
  deleteResponse(ownerId: string, id: string): Promise<boolean>;
  putSession(session: ChatSession): Promise<boolean>;
  findSession(ownerId: string, id: string, nowMs: number): Promise<ChatSession | null>;
  /** Without their messages, the latest first. */
  listSessions(ownerId: string, nowMs: number): Promise<Omit<ChatSession, 'messages'>[]>;
  deleteSession(ownerId: string, id: string): Promise<boolean>;
}
