import { createEventFramer } from '@sluice/kit/stream/sse-framing';
import { createStreamConverter } from '@sluice/llm/convert/stream';
import { ANTHROPIC_MESSAGES_CODEC } from '@sluice/llm/formats/anthropic-messages/codec';
import { BEDROCK_CONVERSE_CODEC } from '@sluice/llm/formats/bedrock-converse/codec';
import type { CallContext, ClientContext, Codec, UpstreamCodec } from '@sluice/llm/formats/codec';
import type { FormatName } from '@sluice/llm/formats/format-name';
import { GEMINI_CODEC } from '@sluice/llm/formats/gemini/codec';
import { OPENAI_CHAT_CODEC } from '@sluice/llm/formats/openai-chat/codec';
import { OPENAI_RESPONSES_CODEC } from '@sluice/llm/formats/openai-responses/codec';
import type { JsonObject } from '@sluice/llm/neutral/json';
import type { NeutralResponse } from '@sluice/llm/neutral/response';
import type { StreamPart } from '@sluice/llm/neutral/stream';
import { createConverseWire, encodeConverse } from './converse-wire.ts';
import { aCall, aClient } from './formats.ts';

/** A language as clients speak it. */
export interface ClientSide {
  name: Exclude<FormatName, 'bedrock-converse'>;
  codec: Codec;
}

/** A language as upstreams speak it, and what an upstream of it would say. */
export interface UpstreamSide {
  name: FormatName;
  codec: UpstreamCodec;
  /** An upstream's whole answer. */
  answer(response: NeutralResponse): JsonObject;
  /** An upstream's stream, event by event as text. */
  stream(parts: readonly StreamPart[]): string[];
}

export const CLIENT_SIDES: readonly ClientSide[] = [
  { name: 'openai-chat', codec: OPENAI_CHAT_CODEC },
  { name: 'openai-responses', codec: OPENAI_RESPONSES_CODEC },
  { name: 'anthropic-messages', codec: ANTHROPIC_MESSAGES_CODEC },
  { name: 'gemini', codec: GEMINI_CODEC },
];

export const UPSTREAM_SIDES: readonly UpstreamSide[] = [
  ...CLIENT_SIDES.map(spoken),
  {
    name: 'bedrock-converse',
    codec: BEDROCK_CONVERSE_CODEC,
    answer: encodeConverse,
    stream(parts) {
      const wire = createConverseWire();
      return parts.flatMap((part) => wire(part));
    },
  },
];

export interface Pair {
  client: ClientSide;
  upstream: UpstreamSide;
}

export const PAIRS: readonly Pair[] = CLIENT_SIDES.flatMap((client) =>
  UPSTREAM_SIDES.map((upstream) => ({ client, upstream })),
);

/** What faces our clients is how an upstream of the same language answers. */
function spoken({ name, codec }: ClientSide): UpstreamSide {
  return {
    name,
    codec,
    answer: (response) => plain(codec.encodeResponse(response, aClient())),
    stream(parts) {
      const encoder = codec.createStreamEncoder(aClient());
      return parts.flatMap((part) => wholeEvents(encoder.push(part)));
    },
  };
}

function wholeEvents(sse: string): string[] {
  return sse.split(/(?<=\n\n)/);
}

/** As it would come from the network. */
export function plain<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}

/** What Gemini's clients say in the path. */
export function clientOf({ name }: ClientSide, known: Partial<ClientContext> = {}): ClientContext {
  return aClient({ ...(name === 'gemini' && { path: { stream: false } }), ...known });
}

export function callOf({ name }: { name: FormatName }, known: Partial<CallContext> = {}): CallContext {
  return aCall(name, known);
}

/** A whole answer on its way from an upstream to a client. */
export function convertAnswer(
  { client, upstream }: Pair,
  wire: JsonObject,
  known: Partial<ClientContext> = {},
): JsonObject {
  const response = upstream.codec.decodeResponse(wire, callOf(upstream));
  return plain(client.codec.encodeResponse(response, clientOf(client, known)));
}

/** A stream on its way from an upstream to a client, as the relay converts it; cut into pieces of the given sizes. */
export function convertStream(
  { client, upstream }: Pair,
  bytes: Buffer,
  sizes: readonly number[] = [],
  known: Partial<ClientContext> = {},
): Buffer {
  const converter = createStreamConverter({
    decoder: upstream.codec.createStreamDecoder(callOf(upstream)),
    encoder: client.codec.createStreamEncoder(clientOf(client, known)),
  });
  const framer = createEventFramer();
  const out: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes.length === 0 ? bytes.length : (sizes[turn % sizes.length] as number);
    const block = framer.push(bytes.subarray(at, at + size));
    at += size;
    const seen = block && converter.see(block);
    if (seen) out.push(seen);
  }
  const owed = converter.close();
  if (owed) out.push(owed);
  return Buffer.concat(out);
}
