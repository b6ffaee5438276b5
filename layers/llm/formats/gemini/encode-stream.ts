import type { JsonObject } from '../../neutral/json.ts';
import type { Citation, ReasoningCarrier } from '../../neutral/parts.ts';
import type { Finish } from '../../neutral/response.ts';
import type { StreamPart } from '../../neutral/stream.ts';
import type { ClientContext, StreamEncoder } from '../codec.ts';
import type { UsageFigures } from '../usage-figures.ts';
import { encodeError } from './errors.ts';
import { encodeCitations, type CitedText } from './parts/encode-citations.ts';
import { emptySigned, encodeCall, encodeParts } from './parts/encode-parts.ts';
import { writeFinish } from './parts/finish.ts';
import { encodeLogprobs } from './parts/logprobs.ts';
import { sealSignature } from './parts/signature.ts';
import { encodeUsage } from './usage.ts';

interface OpenBlock {
  choice: number;
  kind: 'text' | 'reasoning' | 'refusal' | 'tool-call' | 'audio';
  id: string;
  name: string;
  carrier: ReasoningCarrier | undefined;
  mediaType: string;
  /** Arguments of a call, and texts while there may be sources for them. */
  pieces: string[];
  citations: Citation[];
}

interface ChoiceEnd {
  finish: Finish | null;
  cited: CitedText[];
  /** Bytes of visible text in blocks that have ended. */
  textBytes: number;
}

interface EncoderState {
  client: ClientContext;
  /** The rest of each chunk behind its candidates. */
  tail: string;
  blocks: Map<number, OpenBlock>;
  choices: Map<number, ChoiceEnd>;
}

/**
 * Parts as GenerateContentResponse chunks in server-sent events; the JSON array of a stream without `alt=sse` is made of
 * them by whoever writes to the client. The last chunk says of all choices why they finished, with sources and usage; each chunk has a part, because SDKs
 * throw an answer out of their history that has a chunk without one.
 */
export function createStreamEncoder(client: ClientContext): StreamEncoder {
  const state: EncoderState = {
    client,
    tail: '',
    blocks: new Map(),
    choices: new Map(),
  };
  return { push: (part) => HANDLERS[part.type](state, part as never) };
}

type Handlers = {
  [Type in StreamPart['type']]: (state: EncoderState, part: Extract<StreamPart, { type: Type }>) => string;
};

const HANDLERS: Handlers = {
  'response-start'(state, { id }) {
    const responseId = id || state.client.requestId;
    state.tail = `,"modelVersion":${JSON.stringify(state.client.model)},"responseId":${JSON.stringify(responseId)}}`;
    return '';
  },
  'block-start'(state, { block, choice, content }) {
    endOf(state, choice);
    if (content.type === 'whole') {
      return encodeParts(content.part, state.client)
        .map((part) => writePart(state, choice, JSON.stringify(part)))
        .join('');
    }
    state.blocks.set(block, {
      choice,
      kind: content.type,
      id: content.type === 'tool-call' ? content.id : '',
      name: content.type === 'tool-call' ? content.name : '',
      carrier: content.type === 'tool-call' ? content.carrier : undefined,
      mediaType: content.type === 'audio' ? content.mediaType : '',
      pieces: [],
      citations: [],
    });
    return '';
  },
  'text-delta'(state, { block, text }) {
    const open = state.blocks.get(block);
    if (!open) return '';
    open.pieces.push(text);
    return writePart(state, open.choice, `{"text":${JSON.stringify(text)}}`);
  },
  'reasoning-delta'(state, { block, text }) {
    const open = state.blocks.get(block);
    return open ? writePart(state, open.choice, `{"text":${JSON.stringify(text)},"thought":true}`) : '';
  },
  'refusal-delta'(state, { block, text }) {
    const open = state.blocks.get(block);
    return open ? writePart(state, open.choice, `{"text":${JSON.stringify(text)}}`) : '';
  },
  'arguments-delta'(state, { block, text }) {
    state.blocks.get(block)?.pieces.push(text);
    return '';
  },
  'audio-delta'(state, { block, data, transcript }) {
    const open = state.blocks.get(block);
    if (!open) return '';
    const part: JsonObject = { inlineData: { mimeType: open.mediaType, data } };
    if (transcript !== '') part['audioTranscription'] = { text: transcript };
    return writePart(state, open.choice, JSON.stringify(part));
  },
  citation(state, { block, citation }) {
    state.blocks.get(block)?.citations.push(citation);
    return '';
  },
  'block-end'(state, { block, carrier }) {
    const open = state.blocks.get(block);
    if (!open) return '';
    state.blocks.delete(block);
    return endBlock(state, open, carrier ?? open.carrier);
  },
  logprobs(state, { choice, logprobs }) {
    const logprobsResult = encodeLogprobs(logprobs);
    if (!logprobsResult) return '';
    return writeCandidates(state, [{ content: emptyContent(), index: choice, logprobsResult }], '');
  },
  usage: () => '',
  'choice-end'(state, { choice, finish }) {
    endOf(state, choice).finish = finish;
    return '';
  },
  'response-end'(state, { usage }) {
    return writeEnd(state, usage);
  },
  failure: (_state, { error }) => `data: ${encodeError(error)}\n\n`,
};

function endOf({ choices }: EncoderState, choice: number): ChoiceEnd {
  const known = choices.get(choice);
  if (known) return known;
  const made: ChoiceEnd = { finish: null, cited: [], textBytes: 0 };
  choices.set(choice, made);
  return made;
}

function endBlock(state: EncoderState, open: OpenBlock, carrier: ReasoningCarrier | undefined): string {
  if (open.kind === 'tool-call') {
    const functionCall = encodeCall({ id: open.id, name: open.name, arguments: open.pieces.join('') });
    const part = carrier ? { functionCall, thoughtSignature: sealSignature(carrier, state.client) } : { functionCall };
    return writePart(state, open.choice, JSON.stringify(part));
  }
  if (open.kind === 'text') keepSources(state, open);
  if (!carrier) return '';
  const signature = sealSignature(carrier, state.client);
  const part = open.kind === 'reasoning' ? emptySigned(signature) : { text: '', thoughtSignature: signature };
  return writePart(state, open.choice, JSON.stringify(part));
}

function keepSources(state: EncoderState, { choice, pieces, citations }: OpenBlock): void {
  const end = endOf(state, choice);
  const text = pieces.join('');
  if (citations.length > 0) end.cited.push({ text, citations, before: end.textBytes, partIndex: null });
  end.textBytes += Buffer.byteLength(text);
}

function writeEnd(state: EncoderState, usage: UsageFigures | null): string {
  const candidates = [...state.choices].map(([index, { finish, cited }]) => ({
    content: emptyContent(),
    finishReason: writeFinish(finish?.reason ?? 'stop'),
    index,
    ...encodeCitations(cited),
  }));
  return writeCandidates(state, candidates, `,"usageMetadata":${JSON.stringify(encodeUsage(usage))}`);
}

function emptyContent(): JsonObject {
  return { parts: [{ text: '' }], role: 'model' };
}

function writeCandidates(state: EncoderState, candidates: JsonObject[], more: string): string {
  return `data: {"candidates":${JSON.stringify(candidates)}${more}${state.tail}\n\n`;
}

function writePart(state: EncoderState, choice: number, part: string): string {
  return `data: {"candidates":[{"content":{"parts":[${part}],"role":"model"},"index":${choice}}]${state.tail}\n\n`;
}
