import type {
  ChatSession,
  ContentStore,
  ConversationStore,
  ListedConversation,
  StoredResponse,
} from '../../layers/core/content/store.ts';

/** A content store in memory, and its list for people. */
export function createMemoryContent(): ContentStore & { conversations: ConversationStore } {
  const responses = new Map<string, StoredResponse>();
  const sessions = new Map<string, ChatSession>();
  const rows = new Map<string, ListedConversation>();
  const keyOf = (ownerId: string, id: string): string => `${ownerId}\n${id}`;
  const rowKey = (ownerId: string, kind: string, id: string): string => `${keyOf(ownerId, id)}\n${kind}`;
  const living = <Value extends { expiresAt: number }>(value: Value | undefined, nowMs: number): Value | null =>
    value && value.expiresAt > nowMs ? structuredClone(value) : null;
  const list = (row: ListedConversation): boolean => {
    rows.set(rowKey(row.ownerId, row.kind, row.id), structuredClone(row));
    return true;
  };
  const remove = (kind: 'session' | 'response', ownerId: string, id: string): boolean => {
    rows.delete(rowKey(ownerId, kind, id));
    return (kind === 'session' ? sessions : responses).delete(keyOf(ownerId, id));
  };
  return {
    async putResponse(response, about) {
      responses.set(keyOf(response.ownerId, response.id), structuredClone(response));
      const { input, response: answer, ...facts } = response;
      return list({
        ...facts,
        ...about,
        kind: 'response',
        updatedAt: facts.createdAt,
        bytes: input.length + answer.length,
      });
    },
    findResponse: async (ownerId, id, nowMs) => living(responses.get(keyOf(ownerId, id)), nowMs),
    deleteResponse: async (ownerId, id) => remove('response', ownerId, id),
    async putSession(session, about) {
      sessions.set(keyOf(session.ownerId, session.id), structuredClone(session));
      const { messages, ...facts } = session;
      return list({ ...facts, ...about, kind: 'session', bytes: JSON.stringify(messages).length });
    },
    findSession: async (ownerId, id, nowMs) => living(sessions.get(keyOf(ownerId, id)), nowMs),
    listSessions: async (ownerId, nowMs) =>
      [...sessions.values()]
        .filter((session) => session.ownerId === ownerId && session.expiresAt > nowMs)
        .toSorted((left, right) => right.updatedAt - left.updatedAt)
        .map(({ messages: _messages, ...facts }) => facts),
    deleteSession: async (ownerId, id) => remove('session', ownerId, id),
    conversations: {
      async list(ownerId, { kind, limit, cursor, nowMs }) {
        const found = [...rows.values()]
          .filter((row) => row.ownerId === ownerId && row.expiresAt > nowMs && (kind === null || row.kind === kind))
          .toSorted((left, right) => right.createdAt - left.createdAt || (left.id < right.id ? 1 : -1));
        const start = cursor === null ? 0 : Number(cursor);
        const isMore = found.length > start + limit;
        return { items: found.slice(start, start + limit), nextCursor: isMore ? String(start + limit) : null };
      },
      find: async (ownerId, { kind, id }) => rows.get(rowKey(ownerId, kind, id)) ?? null,
      async removeSome(ownerId) {
        const own = [...rows.values()].filter((row) => row.ownerId === ownerId).slice(0, 2);
        for (const { kind, id } of own) remove(kind, ownerId, id);
        return { deleted: own.length, hasMore: own.length > 0 };
      },
    },
  };
}
