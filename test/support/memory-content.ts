import type { ChatSession, ContentStore, StoredResponse } from '../../layers/core/content/store.ts';

/** A content store in memory. */
export function createMemoryContent(): ContentStore {
  const responses = new Map<string, StoredResponse>();
  const sessions = new Map<string, ChatSession>();
  const keyOf = (ownerId: string, id: string): string => `${ownerId}\n${id}`;
  const living = <Value extends { expiresAt: number }>(value: Value | undefined, nowMs: number): Value | null =>
    value && value.expiresAt > nowMs ? structuredClone(value) : null;
  return {
    async putResponse(response) {
      responses.set(keyOf(response.ownerId, response.id), structuredClone(response));
      return true;
    },
    findResponse: async (ownerId, id, nowMs) => living(responses.get(keyOf(ownerId, id)), nowMs),
    deleteResponse: async (ownerId, id) => responses.delete(keyOf(ownerId, id)),
    async putSession(session) {
      sessions.set(keyOf(session.ownerId, session.id), structuredClone(session));
      return true;
    },
    findSession: async (ownerId, id, nowMs) => living(sessions.get(keyOf(ownerId, id)), nowMs),
    listSessions: async (ownerId, nowMs) =>
      [...sessions.values()]
        .filter((session) => session.ownerId === ownerId && session.expiresAt > nowMs)
        .toSorted((left, right) => right.updatedAt - left.updatedAt)
        .map(({ messages: _messages, ...facts }) => facts),
    deleteSession: async (ownerId, id) => sessions.delete(keyOf(ownerId, id)),
  };
}
