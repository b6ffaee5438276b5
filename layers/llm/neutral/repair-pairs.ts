import type { AssistantMessage, NeutralMessage } from './request.ts';
import type { ToolCallPart, ToolResultPart, UserPart } from './parts.ts';
import type { Warn } from './warning.ts';

/** A call and what was found of its results. */
interface Slot {
  call: ToolCallPart;
  /** The call's own, or another where an earlier call has it. */
  id: string;
  message: AssistantMessage;
  result: ToolResultPart | null;
}

interface Pairing {
  slots: Map<ToolCallPart, Slot>;
  /** Results that belong to no call. */
  orphans: Set<ToolResultPart>;
  duplicates: Set<ToolResultPart>;
}

/**
 * The conversation in the shape that all vendors demand: behind each message with tool calls a user message that begins
 * with exactly one result for each call, in the order of the calls. What comes in that shape goes out as it is; else the
 * same input always gives the same output:
 *
 * - results out of place or order are moved to their calls, and the call's name is filled in,
 * - a call whose id an earlier one has gets another,
 * - of two results for one call the first stays,
 * - a call without a result gets one that says so,
 * - a result without a call becomes text.
 */
export function repairPairs(messages: readonly NeutralMessage[], warn: Warn): NeutralMessage[] {
  const pairing = pair(messages);
  const repaired: NeutralMessage[] = [];
  let hasChanged = false;
  for (const [index, message] of messages.entries()) {
    if (message.role !== 'user') {
      const renamed = message.role === 'assistant' ? renameCalls(message, pairing) : message;
      hasChanged ||= renamed !== message;
      repaired.push(renamed);
      const owed = message.role === 'assistant' ? owedResults(message, pairing) : [];
      if (owed.length === 0 || messages[index + 1]?.role === 'user') continue;
      repaired.push({ role: 'user', content: owed });
      hasChanged = true;
      continue;
    }
    const before = messages[index - 1];
    const owed = before?.role === 'assistant' ? owedResults(before, pairing) : [];
    const content = [...owed, ...otherParts(message.content, pairing)];
    const isSame =
      content.length === message.content.length && content.every((part, at) => part === message.content[at]);
    hasChanged ||= !isSame && !isOnlyNamed(content, message.content);
    if (content.length > 0) repaired.push(isSame ? message : { ...message, content });
  }
  if (hasChanged) warn('repaired', 'messages');
  return repaired;
}

/** The same parts in the same order, of which some results learned their call's name. */
function isOnlyNamed(content: readonly UserPart[], before: readonly UserPart[]): boolean {
  return (
    content.length === before.length &&
    content.every((part, at) => {
      const old = before[at];
      return (
        part === old || (part.type === 'tool-result' && old?.type === 'tool-result' && part.content === old.content)
      );
    })
  );
}

function pair(messages: readonly NeutralMessage[]): Pairing {
  const pairing: Pairing = { slots: new Map(), orphans: new Set(), duplicates: new Set() };
  const byId = new Map<string, Slot[]>();
  const early: ToolResultPart[] = [];
  const used = new Map<string, number>();
  for (const message of messages) {
    if (message.role === 'system') continue;
    for (const part of message.content) {
      if (part.type === 'tool-call' && message.role === 'assistant') {
        const slot: Slot = { call: part, id: freeId(part.id, used), message, result: null };
        pairing.slots.set(part, slot);
        const known = byId.get(part.id);
        if (known) known.push(slot);
        else byId.set(part.id, [slot]);
      } else if (part.type === 'tool-result') {
        assign(part, byId.get(part.callId), { pairing, early });
      }
    }
  }
  // A result that stands before its call.
  for (const result of early) {
    const slot = byId.get(result.callId)?.find((candidate) => candidate.result === null);
    if (slot) slot.result = result;
    else pairing.orphans.add(result);
  }
  return pairing;
}

/** An id may be used again in a later turn: a result answers the latest call before it that waits for one. */
function assign(
  result: ToolResultPart,
  slots: Slot[] | undefined,
  { pairing, early }: { pairing: Pairing; early: ToolResultPart[] },
): void {
  if (slots === undefined) {
    early.push(result);
    return;
  }
  const last = slots.findLast((candidate) => candidate.result === null);
  // Of several in one turn the first comes first.
  const slot = last && slots.find((candidate) => candidate.result === null && candidate.message === last.message);
  if (slot) slot.result = result;
  else pairing.duplicates.add(result);
}

/** @param used ids, and how often each was asked for */
function freeId(id: string, used: Map<string, number>): string {
  let free = id;
  for (let count = used.get(id) ?? 1; used.has(free); free = `${id}_${count}`) {
    count += 1;
    used.set(id, count);
  }
  used.set(free, 1);
  return free;
}

function renameCalls(message: AssistantMessage, { slots }: Pairing): AssistantMessage {
  const isRenamed = message.content.some((part) => part.type === 'tool-call' && slots.get(part)?.id !== part.id);
  if (!isRenamed) return message;
  const content = message.content.map((part) =>
    part.type === 'tool-call' ? { ...part, id: slots.get(part)?.id ?? part.id } : part,
  );
  return { ...message, content };
}

const NO_RESULT = 'No result of this call was recorded.';

function owedResults(message: AssistantMessage, { slots }: Pairing): ToolResultPart[] {
  const results: ToolResultPart[] = [];
  for (const part of message.content) {
    if (part.type !== 'tool-call') continue;
    const { id, result } = slots.get(part) ?? { id: part.id, result: null };
    if (!result) results.push(missingResult(id, part.name));
    else if (result.name === part.name && result.callId === id) results.push(result);
    else results.push({ ...result, callId: id, name: part.name });
  }
  return results;
}

function missingResult(callId: string, name: string): ToolResultPart {
  return { type: 'tool-result', callId, name, content: [{ type: 'text', text: NO_RESULT }], isError: true };
}

/** All that is no result, and results without a call as text. */
function otherParts(content: readonly UserPart[], { orphans }: Pairing): UserPart[] {
  return content.flatMap((part): UserPart[] => {
    if (part.type !== 'tool-result') return [part];
    if (!orphans.has(part)) return [];
    return [{ type: 'text', text: `Result of an unknown tool call (${part.callId}):` }, ...part.content];
  });
}
