import type { Json } from '../../../neutral/json.ts';
import type { ReasoningCarrier } from '../../../neutral/parts.ts';
import type { StreamPart } from '../../../neutral/stream.ts';
import type { CallContext } from '../../codec.ts';
import type { UsageFigures } from '../../usage-figures.ts';

/** A call while its pieces come in. */
export interface CallSlot {
  id: string;
  name: string;
  custom: boolean;
  /** −1 until its name is known. */
  block: number;
  /** Arguments that came before the name. */
  held: string;
  hasArguments: boolean;
}

export interface CallSlots {
  all: CallSlot[];
  /** By the wire's index. */
  byIndex: Map<number, CallSlot>;
}

/** One choice of the stream. Its text, reasoning, refusal and sound are open one at a time; its calls all together. */
export interface ChoiceState {
  index: number;
  kind: 'text' | 'reasoning' | 'refusal' | 'audio' | null;
  block: number;
  carrier: ReasoningCarrier | undefined;
  /** Citations that came before any text. */
  annotations: Json[];
  calls: CallSlots;
  refused: boolean;
  ended: boolean;
}

export interface DecoderState {
  call: CallContext;
  parts: StreamPart[];
  started: boolean;
  ended: boolean;
  nextBlock: number;
  choices: Map<number, ChoiceState>;
  usage: UsageFigures | null;
  serviceTier: string | null;
}

export function nextBlock(state: DecoderState): number {
  const block = state.nextBlock;
  state.nextBlock += 1;
  return block;
}
