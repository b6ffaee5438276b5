import type { GatewayError } from '@sluice/kit/errors/gateway-error';
import { readSseEvent } from '@sluice/kit/stream/sse-event';
import type { StreamDecoder, StreamEncoder, WireEvent } from '../formats/codec.ts';
import type { UsageFigures } from '../formats/usage-figures.ts';
import type { StreamTap } from '../formats/wire-format.ts';
import type { StreamPart } from '../neutral/stream.ts';
import { deepAnswer } from './depth.ts';

/** Turns an upstream's stream into the client's language, event by event, and notes what the ledger must know. */
export interface StreamConverter extends StreamTap {
  /** The upstream closed its stream: what the client is still owed. */
  close(): Buffer | null;
  /** What the upstream's stream failed with; null while it has not. */
  readonly error: GatewayError | null;
}

interface ConverterState {
  usage: UsageFigures | null;
  ended: boolean;
  failed: boolean;
  error: GatewayError | null;
  output: string[];
  reasoning: string[];
  keptCharacters: number;
  unkeptBytes: number;
}

export function createStreamConverter({
  decoder,
  encoder,
}: {
  decoder: StreamDecoder;
  encoder: StreamEncoder;
}): StreamConverter {
  const state: ConverterState = {
    usage: null,
    ended: false,
    failed: false,
    error: null,
    output: [],
    reasoning: [],
    keptCharacters: 0,
    unkeptBytes: 0,
  };
  const encode = (parts: readonly StreamPart[]): string => {
    let text = '';
    for (const part of parts) {
      note(state, part);
      text += encoder.push(part);
    }
    return text;
  };
  return {
    get usage() {
      return state.usage;
    },
    get finished() {
      return state.ended;
    },
    get ended() {
      return state.ended;
    },
    get failed() {
      return state.failed;
    },
    get error() {
      return state.error;
    },
    see({ bytes, ends }) {
      let text = '';
      let start = 0;
      for (const end of ends) {
        const event = state.ended || state.failed ? null : readSseEvent(bytes, start, end);
        start = end;
        if (event !== null) text += encode(partsOf(decoder, event));
      }
      return text === '' ? null : Buffer.from(text);
    },
    close() {
      // A stream that broke off is told by whoever knows whether somebody else can be asked.
      const parts = decoder.end().filter((part) => part.type !== 'failure');
      const text = encode(parts);
      return text === '' ? null : Buffer.from(text);
    },
    delivered: () => ({
      output: state.output.join(''),
      reasoning: state.reasoning.join(''),
      unkeptBytes: state.unkeptBytes,
    }),
  };
}

function partsOf(decoder: StreamDecoder, event: WireEvent): readonly StreamPart[] {
  try {
    return decoder.push(event);
  } catch (error) {
    // Arguments that are an object become text: one that is nested too deeply does not.
    if (!(error instanceof RangeError)) throw error;
    return [{ type: 'failure', error: deepAnswer(error) }];
  }
}

/** More is never counted; what comes after is estimated by its length. */
const MOST_KEPT_CHARACTERS = 256 * 1024;

function keep(state: ConverterState, texts: string[], text: string): void {
  if (state.keptCharacters + text.length > MOST_KEPT_CHARACTERS) {
    state.unkeptBytes += text.length;
    return;
  }
  state.keptCharacters += text.length;
  texts.push(text);
}

function note(state: ConverterState, part: StreamPart): void {
  switch (part.type) {
    case 'text-delta':
    case 'refusal-delta':
    case 'arguments-delta':
      return keep(state, state.output, part.text);
    case 'reasoning-delta':
      return keep(state, state.reasoning, part.text);
    case 'response-start':
    case 'usage':
      state.usage = part.usage ?? state.usage;
      return;
    case 'response-end':
      state.usage = part.usage ?? state.usage;
      state.ended = true;
      return;
    case 'failure':
      state.failed = true;
      state.error = part.error;
  }
}
