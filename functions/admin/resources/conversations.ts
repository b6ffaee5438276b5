import type { ConversationListQuery, ConversationOwnerQuery } from '@sluice/contract/conversations';
import type { ConversationKey, ListedConversation } from '@sluice/core/content/store';
import { roleHas, type Permission } from '@sluice/core/identity/permissions';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { parseExact } from '@sluice/kit/json/parse-exact';
import type { Json, JsonObject } from '@sluice/llm/neutral/json';
import { isAdministrator, noteUser } from '../audit-rule.ts';
import { notFound } from '../refusal.ts';
import { success, type Answer, type Call, type Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';
import { turnsOfResponse, turnsOfSession } from './conversation-turns.ts';

type OwnerCall = Call<undefined, ConversationOwnerQuery, Caller>;

/** A row for each; the title is the owner's own. */
export async function listConversations(
  services: AdminServices,
  { query, caller }: Call<undefined, ConversationListQuery, Caller>,
): Promise<Answer> {
  const owner = ownerOf({ query, caller }, 'conversations:any');
  const { kind = null, limit, cursor = null } = query;
  const page = await services.conversations.list(owner, { kind, limit, cursor, nowMs: services.clock() });
  const isOwn = owner === caller.user.id;
  return success({
    owner,
    conversations: page.items.map((listed) => viewListed(listed, isOwn)),
    next_cursor: page.nextCursor,
  });
}

function viewListed(listed: ListedConversation, isOwn: boolean) {
  const { kind, id, model, title, turns, bytes } = listed;
  return {
    kind,
    id,
    model,
    title: isOwn ? title : null,
    turns,
    size_bytes: bytes,
    created_at: isoTime(listed.createdAt),
    updated_at: isoTime(listed.updatedAt),
    expires_at: isoTime(listed.expiresAt),
  };
}

/** Whoever reads what is somebody else's stands in the audit log before it is told; so does who tried. */
export async function showConversation(services: AdminServices, call: OwnerCall): Promise<Answer> {
  const { kind, id } = keyOf(call);
  const { user, by } = call.caller;
  const { owner: asked = user.id } = call.query;
  if (asked !== user.id && isAdministrator(user)) {
    call.audit.target = `${asked}/${kind}/${id}`;
    noteUser(call.audit, user, by);
  }
  const owner = ownerOf(call, 'conversations:reveal');
  const found = await readContent(services, owner, { kind, id });
  if (found === null) throw notFound('conversation of this id');
  const { createdAt, expiresAt, turns } = found;
  const listed = found.model === null ? await services.conversations.find(owner, { kind, id, createdAt }) : null;
  return success({
    kind,
    id,
    owner,
    model: found.model ?? listed?.model ?? null,
    created_at: isoTime(createdAt),
    expires_at: isoTime(expiresAt),
    turns,
  });
}

async function readContent({ content, clock }: AdminServices, owner: string, { kind, id }: ConversationKey) {
  if (kind === 'session') {
    const session = await content.findSession(owner, id, clock());
    return session && { ...session, model: null, turns: turnsOfSession(session.messages) };
  }
  const stored = await content.findResponse(owner, id, clock());
  if (stored === null) return null;
  const response = parseExact(stored.response) as JsonObject;
  const { model } = response;
  const turns = turnsOfResponse(parseExact(stored.input) as Json[], response);
  return { ...stored, model: typeof model === 'string' ? model : null, turns };
}

export async function deleteConversation(services: AdminServices, call: OwnerCall): Promise<Answer> {
  const owner = ownerOf(call, 'conversations:any');
  const { kind, id } = keyOf(call);
  call.audit.target = `${owner}/${kind}/${id}`;
  const { content } = services;
  const isGone = await (kind === 'session' ? content.deleteSession(owner, id) : content.deleteResponse(owner, id));
  if (!isGone) throw notFound('conversation of this id');
  return { json: { success: true, message: 'The conversation is deleted.' } };
}

export async function deleteConversations(services: AdminServices, call: OwnerCall): Promise<Answer> {
  const owner = ownerOf(call, 'conversations:any');
  call.audit.target = owner;
  const { deleted, hasMore } = await services.conversations.removeSome(owner);
  call.audit.after = { deleted };
  return { json: { success: true, deleted, has_more: hasMore } };
}

/** What is left after so many rounds expires by itself. */
const MOST_ROUNDS = 50;

/** Deletes what is kept of a user who is gone. Never fails. */
export async function clearConversationsOf({ conversations, log }: AdminServices, userId: string): Promise<void> {
  try {
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      if (!(await conversations.removeSome(userId)).hasMore) return;
    }
    log.warn('conversations_left', { user_id: userId });
  } catch (error) {
    log.warn('conversations_left', { user_id: userId, internal: String(error) });
  }
}

/** @throws GatewayError `forbidden` for somebody else's without the permission */
function ownerOf({ query, caller: { user } }: Pick<OwnerCall, 'query' | 'caller'>, permission: Permission): string {
  const { owner = user.id } = query;
  if (owner !== user.id && !roleHas(user.role, permission)) {
    throw new GatewayError('forbidden', { message: 'Your role does not permit this for conversations of others.' });
  }
  return owner;
}

function keyOf({ params }: OwnerCall): ConversationKey {
  const { kind, id = '' } = params;
  if (kind !== 'session' && kind !== 'response') throw notFound('such kind of conversation');
  return { kind, id };
}

function isoTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
