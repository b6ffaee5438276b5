import type { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { JsonObject } from '../../../neutral/json.ts';
import type { ReasoningCarrier } from '../../../neutral/parts.ts';
import type { StreamPart } from '../../../neutral/stream.ts';
import type { CallContext } from '../../codec.ts';
import { decodeUsage } from '../usage.ts';
import type { PartialArgs } from './partial-args.ts';

/** What is known of an answer while its chunks come in. */
export interface AnswerState {
  call: CallContext;
  started: boolean;
  ended: boolean;
  /** The upstream's name of the answer: ids of calls that have none are made of it. */
  responseId: string;
  nextBlock: number;
  calls: number;
  choices: Map<number, ChoiceState>;
  isBlocked: boolean;
  /** The last report as it came: every chunk brings one, and the last is what counts. */
  report: JsonObject | null;
  out: StreamPart[];
}

export function createAnswerState(call: CallContext): AnswerState {
  return {
    call,
    started: false,
    ended: false,
    responseId: '',
    nextBlock: 0,
    calls: 0,
    choices: new Map(),
    isBlocked: false,
    report: null,
    out: [],
  };
}

export type OpenKind = 'text' | 'reasoning' | 'audio';

export interface ChoiceState {
  index: number;
  open: { kind: OpenKind; block: number; mediaType: string; carrier: ReasoningCarrier | undefined } | null;
  /** A call whose arguments come in pieces. */
  partial: { block: number; id: string; name: string; args: PartialArgs } | null;
  /** Google's word; `BLOCKED` where the prompt was refused. */
  finish: string | null;
  hasCalls: boolean;
  lastSignature: string;
  /** The visible text so far in pieces: citations point there. */
  texts: string[];
  /** How many of `texts` stood before the open text block. */
  textsBefore: number;
  /** How many of `texts` stood before each of the first parts of the wire. */
  textsBeforePart: number[];
  grounding: JsonObject | null;
  quotations: JsonObject | null;
}

export function fail(state: AnswerState, error: GatewayError): void {
  state.ended = true;
  const usage = decodeUsage(state.report);
  if (state.started && usage) state.out.push({ type: 'usage', usage });
  state.out.push({ type: 'failure', error });
}
