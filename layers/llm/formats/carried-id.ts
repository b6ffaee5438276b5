import type { ReasoningCarrier } from '../neutral/parts.ts';
import type { ClientContext } from './codec.ts';

const SEPARATOR = '__';

/** A tool call's id that carries an envelope, because clients echo ids and little else. */
export function sealIntoId(id: string, carrier: ReasoningCarrier | undefined, client: ClientContext): string {
  return carrier ? `${id}${SEPARATOR}${client.carriers.seal(carrier)}` : id;
}

export interface CarriedId {
  id: string;
  carrier: ReasoningCarrier | undefined;
}

/** Takes ids apart; each is opened once, however often it stands in a conversation. */
export function createIdReader(client: ClientContext): (id: string) => CarriedId {
  const known = new Map<string, CarriedId>();
  return (id) => {
    const held = known.get(id);
    if (held) return held;
    const read = openId(id, client);
    known.set(id, read);
    return read;
  };
}

function openId(id: string, client: ClientContext): CarriedId {
  // The last envelope is ours, should there be one of another gateway in front of it.
  for (let at = id.lastIndexOf(SEPARATOR); at > 0; at = id.lastIndexOf(SEPARATOR, at - 1)) {
    const opened = client.carriers.open(id.slice(at + SEPARATOR.length));
    if (opened === null) continue;
    if (opened !== 'forged') return { id: id.slice(0, at), carrier: opened };
    client.warn('forged-carrier', 'messages[].tool_calls[].id');
    return { id: id.slice(0, at), carrier: undefined };
  }
  return { id, carrier: undefined };
}

/** The carrier that a client's text holds: an envelope of ours, or what the format's own vendor gave it. */
export function openCarrier(
  text: string,
  native: Omit<ReasoningCarrier, 'data'>,
  { client, field }: { client: ClientContext; field: string },
): ReasoningCarrier | undefined {
  if (text === '') return undefined;
  const opened = client.carriers.open(text);
  if (opened === null) return { ...native, data: text };
  if (opened !== 'forged') return opened;
  client.warn('forged-carrier', field);
  return undefined;
}

/** Whether the upstream of this call understands the carrier. */
export function isUnderstood(carrier: ReasoningCarrier, origin: string): boolean {
  return carrier.origin === origin || carrier.origin === `native:${origin.slice(0, origin.indexOf('@'))}`;
}
