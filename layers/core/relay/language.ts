import { readSseEvent } from '@sluice/kit/stream/sse-event';
import { createEventFramer } from '@sluice/kit/stream/sse-framing';
import { deepAnswer, withinDepth } from '@sluice/llm/convert/depth';
import { createConvertedRequest, writeBody, type ConvertedRequest } from '@sluice/llm/convert/request';
import { createStreamConverter } from '@sluice/llm/convert/stream';
import type {
  CallContext,
  CarrierPort,
  ClientContext,
  Codec,
  StreamDecoder,
  StreamEncoder,
} from '@sluice/llm/formats/codec';
import { codecOf } from '@sluice/llm/formats/formats';
import type { DeliveredText, RequestFacts } from '@sluice/llm/formats/wire-format';
import { createFold } from '@sluice/llm/neutral/fold';
import type { NeutralResponse } from '@sluice/llm/neutral/response';
import type { Warn } from '@sluice/llm/neutral/warning';
import { unfoldResponse } from '@sluice/llm/neutral/unfold';
import type { UpstreamOperation } from '@sluice/llm/upstreams/vendor';
import { conversationFormatOf, type Candidate } from './candidates.ts';
import { hasCarrier } from './carriers.ts';
import { createCallWarnings, createWarn } from './warnings.ts';
import { parseAnswer } from './parse-answer.ts';
import { createEmbedInterpreter } from './embed-language.ts';
import type { Exchange } from './exchange.ts';
import { createFilmInterpreter } from './films/film-interpreter.ts';
import type { Interpreter, Language, WholeAnswer } from './interpreter.ts';

export interface InterpreterDeps {
  carriers: CarrierPort;
}

/** The client's side of a conversation. */
export function createClient(
  exchange: Exchange,
  { facts, carriers }: { facts: RequestFacts; carriers: CarrierPort },
): ClientContext {
  return {
    model: facts.model,
    requestId: exchange.requestId,
    nowSeconds: Math.floor(exchange.startedAt / 1000),
    wantsStreamUsage: facts.wantsStreamUsage,
    carriers,
    warn: createWarn(exchange),
    inputTokens: null,
    request: null,
    requestBody: null,
    ...(exchange.path && { path: exchange.path }),
  };
}

export function createInterpreter(
  { carriers }: InterpreterDeps,
  { exchange, facts }: { exchange: Exchange; facts: RequestFacts },
): Interpreter {
  const { format, request } = exchange;
  if (exchange.film) return createFilmInterpreter(exchange, exchange.film);
  if (format.embed) return createEmbedInterpreter(format.embed, { exchange, facts });
  const { codec } = format;
  if (codec === null) throw new Error(`Nothing is said in ${format.name}`);
  const client = createClient(exchange, { facts, carriers });
  const converted = createConvertedRequest({ codec, body: request.body, client });
  const callWarnings = createCallWarnings(exchange);
  // An envelope of ours means nothing to an upstream, so even the same language is then spoken anew.
  const isPlain = !hasCarrier(request.body);
  return {
    tellInputTokens(tokens) {
      client.inputTokens = tokens;
    },
    encodeFor: (candidate) =>
      converted.encodeFor(
        codecOf(conversationFormatOf(candidate)),
        createCall({ candidate, outputCap: null, warn: silence }),
      ),
    speakTo(candidate, outputCap) {
      // What the request itself gives cause for is told once, whoever answers.
      const isSame = candidate.format === format.name && isPlain;
      if (!isSame) converted.read();
      const call = createCall({ candidate, outputCap, warn: callWarnings.begin() });
      const sides = { facts, client, codec };
      return isSame
        ? passThrough(exchange, sides, { candidate, outputCap, call })
        : convert(sides, converted, { candidate, outputCap, call });
    },
  };
}

/** What is asked beside the call is no answer, and its losses are none. */
const silence: Warn = () => undefined;

interface Call {
  candidate: Candidate;
  outputCap: number | null;
  call: CallContext;
}

function passThrough({ format, request }: Exchange, sides: Sides, { candidate, outputCap, call }: Call): Language {
  const { facts } = sides;
  return {
    isSame: true,
    operation: operationOf(facts),
    body: format.prepareBody(request.body, facts, {
      model: candidate.model,
      outputCap,
      outputCapField: candidate.features.outputCapField,
      body: candidate.address.body,
    }),
    createStreamTap: () => format.createStreamTap(facts),
    convertWhole: (body, isEvents) => convertWhole(sides, { call, candidate, body, isEvents }),
  };
}

/** What is known of the client while its answers are made. */
interface Sides {
  codec: Codec;
  facts: RequestFacts;
  client: ClientContext;
}

function convert(sides: Sides, converted: ConvertedRequest, { candidate, call }: Call): Language {
  const { codec, facts, client } = sides;
  const upstream = codecOf(conversationFormatOf(candidate));
  const body = converted.encodeFor(upstream, call);
  for (const name of candidate.address.body.without) delete body[name];
  Object.assign(body, candidate.address.body.members);
  return {
    isSame: false,
    operation: operationOf(facts),
    body: writeBody(body),
    createStreamTap: () =>
      createStreamConverter({
        decoder: upstream.createStreamDecoder(call),
        encoder: codec.createStreamEncoder(client),
      }),
    convertWhole: (answer, isEvents) =>
      withinDepth(() => convertWhole(sides, { call, candidate, body: answer, isEvents }), deepAnswer),
  };
}

function convertWhole(
  { codec, facts, client }: Sides,
  { call, candidate, body, isEvents }: { call: CallContext; candidate: Candidate; body: Buffer; isEvents: boolean },
): WholeAnswer {
  const upstream = codecOf(conversationFormatOf(candidate));
  const response = isEvents
    ? foldEvents(body, upstream.createStreamDecoder(call))
    : upstream.decodeResponse(parseAnswer(body), call);
  const text = encodeWhole(response, { codec, client, stream: facts.stream });
  return { bytes: Buffer.from(text), facts: { usage: response.usage, delivered: deliveredOf(response) } };
}

/** An answer that is there, as its client asked for it. */
export function encodeWhole(
  response: NeutralResponse,
  { codec, client, stream }: { codec: Codec; client: ClientContext; stream: boolean },
): string {
  if (!stream) return JSON.stringify(codec.encodeResponse(response, client));
  return streamOf(response, codec.createStreamEncoder(client));
}

function operationOf({ stream }: RequestFacts): UpstreamOperation {
  return stream ? 'stream' : 'generate';
}

export function createCall({ candidate, outputCap, warn }: Omit<Call, 'call'> & { warn: Warn }): CallContext {
  return {
    model: candidate.model,
    features: candidate.features,
    outputCap,
    origin: `${candidate.format}@${candidate.upstream}`,
    warn,
    toolNames: new Map(),
    customTools: new Set(),
  };
}

function streamOf(response: NeutralResponse, encoder: StreamEncoder): string {
  let text = '';
  for (const part of unfoldResponse(response)) text += encoder.push(part);
  return text;
}

function foldEvents(body: Buffer, decoder: StreamDecoder): NeutralResponse {
  const fold = createFold();
  const framer = createEventFramer();
  const block = framer.push(Buffer.concat([body, Buffer.from('\n\n')]));
  let start = 0;
  for (const end of block?.ends ?? []) {
    const event = block && readSseEvent(block.bytes, start, end);
    start = end;
    if (event) for (const part of decoder.push(event)) fold.push(part);
  }
  for (const part of decoder.end()) fold.push(part);
  const { response, failure } = fold.read();
  if (failure) throw failure;
  return response;
}

function deliveredOf({ choices }: NeutralResponse): DeliveredText {
  let output = '';
  let reasoning = '';
  for (const part of choices.flatMap(({ content }) => content)) {
    if (part.type === 'reasoning') reasoning += part.text;
    else if (part.type === 'text' || part.type === 'refusal') output += part.text;
    else if (part.type === 'tool-call') output += part.arguments;
  }
  return { output, reasoning };
}
