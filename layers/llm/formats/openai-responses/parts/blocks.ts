import { isJsonObject, type Json, type JsonObject } from '../../../neutral/json.ts';
import type { AssistantPart, Citation, ReasoningCarrier } from '../../../neutral/parts.ts';
import type { BlockContent } from '../../../neutral/stream.ts';
import { linkTo } from '../../anthropic-messages/encode-response.ts';
import { RESPONSES } from '../wire.ts';
import { callOfImage } from './image-calls.ts';
import {
  addItem,
  carrierItem,
  closeMessage,
  event,
  finishItem,
  finishMessage,
  nextItem,
  openMessage,
  wholeItem,
  type Output,
} from './output.ts';

/** A neutral block on its way into events; all return events' text. */
export interface OpenBlock {
  delta(text: string): string;
  cite(citation: Citation): string;
  end(carrier: ReasoningCarrier | undefined): string;
}

interface Opened {
  text: string;
  /** Null for what comes whole. */
  block: OpenBlock | null;
}

type Openers = {
  [Kind in BlockContent['type']]: (output: Output, content: Extract<BlockContent, { type: Kind }>) => Opened;
};

export const BLOCKS: Openers = {
  text: (output) => openText(output),
  refusal: (output) => openRefusal(output),
  // Answers of this API have no sound; what is spoken is its text.
  audio: (output) => {
    output.client.warn('approximated', 'output.audio');
    return openText(output);
  },
  reasoning: (output) => openReasoning(output),
  'tool-call': (output, content) => openCall(output, content),
  whole: (output, { part }) => ({ text: closeMessage(output) + writeWhole(output, part), block: null }),
};

const NOT_CITED = (): string => '';

/** `delta` events are what a stream is made of: all but sequence number and text is written once. */
function deltaWriter(output: Output, type: string, members: string, tail = ''): (text: string) => string {
  const head = `event: ${type}\ndata: {"type":"${type}","sequence_number":`;
  const middle = `,${members},"delta":`;
  const end = `${tail}}\n\n`;
  return (text) => {
    const sequence = output.sequence;
    output.sequence = sequence + 1;
    return head + sequence + middle + JSON.stringify(text) + end;
  };
}

function openText(output: Output): Opened {
  const { message, text: opening } = openMessage(output);
  const contentIndex = message.begun;
  message.begun += 1;
  message.open += 1;
  output.logprobs = [];
  const place = `"item_id":"${message.id}","output_index":${message.index},"content_index":${contentIndex}`;
  const writeDelta = deltaWriter(output, 'response.output_text.delta', place, ',"logprobs":[]');
  const pieces: string[] = [];
  const annotations: string[] = [];
  const added = event(
    output,
    'response.content_part.added',
    `${place},"part":{"type":"output_text","text":"","annotations":[],"logprobs":[]}`,
  );
  return {
    text: opening + added,
    block: {
      delta(text) {
        if (text === '') return '';
        pieces.push(text);
        return writeDelta(text);
      },
      cite(citation) {
        const annotation = encodeAnnotation(output, citation);
        if (annotation === null) return '';
        const json = JSON.stringify(annotation);
        annotations.push(json);
        const members = `${place},"annotation_index":${annotations.length - 1},"annotation":${json}`;
        return event(output, 'response.output_text.annotation.added', members);
      },
      end(carrier) {
        const text = JSON.stringify(pieces.join(''));
        const logprobs = JSON.stringify(output.logprobs);
        const part = `{"type":"output_text","text":${text},"annotations":[${annotations.join(',')}],"logprobs":${logprobs}}`;
        message.parts[contentIndex] = part;
        message.open -= 1;
        if (carrier) message.carriers.push(carrier);
        return (
          event(output, 'response.output_text.done', `${place},"text":${text},"logprobs":${logprobs}`) +
          event(output, 'response.content_part.done', `${place},"part":${part}`) +
          (message.closing && message.open === 0 ? finishMessage(output, message, 'completed') : '')
        );
      },
    },
  };
}

function openRefusal(output: Output): Opened {
  const { message, text: opening } = openMessage(output);
  const contentIndex = message.begun;
  message.begun += 1;
  message.open += 1;
  const place = `"item_id":"${message.id}","output_index":${message.index},"content_index":${contentIndex}`;
  const writeDelta = deltaWriter(output, 'response.refusal.delta', place);
  const pieces: string[] = [];
  return {
    text: opening + event(output, 'response.content_part.added', `${place},"part":{"type":"refusal","refusal":""}`),
    block: {
      delta(text) {
        pieces.push(text);
        return writeDelta(text);
      },
      cite: NOT_CITED,
      end() {
        const refusal = JSON.stringify(pieces.join(''));
        const part = `{"type":"refusal","refusal":${refusal}}`;
        message.parts[contentIndex] = part;
        message.open -= 1;
        return (
          event(output, 'response.refusal.done', `${place},"refusal":${refusal}`) +
          event(output, 'response.content_part.done', `${place},"part":${part}`) +
          (message.closing && message.open === 0 ? finishMessage(output, message, 'completed') : '')
        );
      },
    },
  };
}

/** All of a block's reasoning is one summary: clients show summaries. */
function openReasoning(output: Output): Opened {
  const closing = closeMessage(output);
  const { id, index } = nextItem(output, 'rs');
  const place = `"item_id":"${id}","output_index":${index},"summary_index":0`;
  const writeDelta = deltaWriter(output, 'response.reasoning_summary_text.delta', place);
  const pieces: string[] = [];
  return {
    text: closing + addItem(output, index, `{"id":"${id}","type":"reasoning","summary":[],"status":"in_progress"}`),
    block: {
      delta(text) {
        const isFirst = pieces.length === 0;
        pieces.push(text);
        if (!isFirst) return writeDelta(text);
        const part = `${place},"part":{"type":"summary_text","text":""}`;
        return event(output, 'response.reasoning_summary_part.added', part) + writeDelta(text);
      },
      cite: NOT_CITED,
      end(carrier) {
        const text = JSON.stringify(pieces.join(''));
        const part = `{"type":"summary_text","text":${text}}`;
        const sealed = carrier ? `,"encrypted_content":"${output.client.carriers.seal(carrier)}"` : '';
        const summary = pieces.length === 0 ? '' : part;
        const done =
          summary === ''
            ? ''
            : event(output, 'response.reasoning_summary_text.done', `${place},"text":${text}`) +
              event(output, 'response.reasoning_summary_part.done', `${place},"part":${part}`);
        const item = `{"id":"${id}","type":"reasoning","summary":[${summary}]${sealed},"status":"completed"}`;
        return done + finishItem(output, index, item);
      },
    },
  };
}

interface CallWords {
  prefix: string;
  type: string;
  field: string;
  events: string;
}

const FUNCTION_CALL: CallWords = {
  prefix: 'fc',
  type: 'function_call',
  field: 'arguments',
  events: 'response.function_call_arguments',
};
const CUSTOM_CALL: CallWords = {
  prefix: 'ctc',
  type: 'custom_tool_call',
  field: 'input',
  events: 'response.custom_tool_call_input',
};

function openCall(output: Output, call: Extract<BlockContent, { type: 'tool-call' }>): Opened {
  const words = call.custom ? CUSTOM_CALL : FUNCTION_CALL;
  const before = closeMessage(output) + (call.carrier ? carrierItem(output, call.carrier, call.id) : '');
  const { id, index } = nextItem(output, words.prefix);
  const name = JSON.stringify(output.namespaces.get(call.name) ?? { name: call.name }).slice(1, -1);
  const item = (value: string, status: string): string =>
    `{"id":"${id}","type":"${words.type}","status":"${status}","call_id":${JSON.stringify(call.id)},${name},"${words.field}":${value}}`;
  const place = `"item_id":"${id}","output_index":${index}`;
  const writeDelta = deltaWriter(output, `${words.events}.delta`, place);
  const pieces: string[] = [];
  return {
    text: before + addItem(output, index, item('""', 'in_progress')),
    block: {
      delta(text) {
        pieces.push(text);
        return writeDelta(text);
      },
      cite: NOT_CITED,
      end(carrier) {
        const whole = pieces.join('');
        const value = JSON.stringify(whole === '' && !call.custom ? '{}' : whole);
        return (
          event(output, `${words.events}.done`, `${place},"${words.field}":${value}`) +
          finishItem(output, index, item(value, 'completed')) +
          (carrier ? carrierItem(output, carrier, call.id) : '')
        );
      },
    },
  };
}

function writeWhole(output: Output, part: AssistantPart): string {
  if (part.type === 'vendor' && part.format === RESPONSES) {
    const { id, index } = nextItem(output, 'item');
    return wholeItem(output, index, JSON.stringify(withId(part.value, id)));
  }
  if (part.type === 'image' && part.source.kind === 'base64') {
    const { id, index } = nextItem(output, 'ig');
    return wholeItem(output, index, JSON.stringify(callOfImage(part.source, id)));
  }
  const words = wordsFor(part);
  if (words !== null) {
    const { text, block } = openText(output);
    return text + (block?.delta(words) ?? '') + (block?.end(undefined) ?? '');
  }
  output.client.warn('dropped', `output.${part.type}`);
  return '';
}

/** What answers of this API have no part for, in words. */
function wordsFor(part: AssistantPart): string | null {
  if (part.type === 'audio') return part.transcript || null;
  return part.type === 'image' || part.type === 'document' ? linkTo(part) : null;
}

function withId(item: JsonObject, id: string): JsonObject {
  return typeof item['id'] === 'string' ? item : { ...item, id };
}

/** Null for a source that this API cannot name: a place in a document that the request held. */
function encodeAnnotation(output: Output, { native, url, title, start, end }: Citation): Json {
  if (native?.format === RESPONSES && isJsonObject(native.value)) return native.value;
  if (url === null) {
    output.client.warn('dropped', 'output.citations');
    return null;
  }
  return { type: 'url_citation', start_index: start ?? 0, end_index: end ?? 0, url, title: title ?? url };
}
