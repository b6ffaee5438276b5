import { isJsonObject, type JsonObject } from '../../../neutral/json.ts';
import { looseNumber, looseObject, looseString } from '../../reading.ts';
import { restoreToolName } from '../../tool-names.ts';
import { argumentsText, madeId, UNNAMED } from '../decode-response.ts';
import { nextBlock, type CallSlot, type CallSlots, type ChoiceState, type DecoderState } from './stream-state.ts';

export function createCallSlots(): CallSlots {
  return { all: [], byIndex: new Map() };
}

export function takeCallDelta(
  state: DecoderState,
  choice: ChoiceState,
  { item, position }: { item: JsonObject; position: number },
): void {
  const custom = item['type'] === 'custom' || isJsonObject(item['custom']);
  const called = looseObject(item[custom ? 'custom' : 'function']);
  const id = looseString(item['id']) ?? '';
  const name = looseString(called['name']) ?? '';
  const slot = slotFor(choice.calls, { index: looseNumber(item['index']) ?? position, id, name });
  if (slot.block < 0) {
    slot.id ||= id;
    slot.name ||= name;
    slot.custom ||= custom;
  }
  const text = argumentsText(called[custom ? 'input' : 'arguments']);
  // An id may come later than the name, but not later than the first argument.
  if (slot.block < 0 && slot.name !== '' && (slot.id !== '' || text !== '')) startCall(state, choice, slot);
  if (text !== '') addArguments(state, slot, text);
}

/** Some servers give all calls the same index: another id with a name of its own is another call. */
function slotFor(slots: CallSlots, { index, id, name }: { index: number; id: string; name: string }): CallSlot {
  const known = slots.byIndex.get(index);
  const isAnother = known !== undefined && id !== '' && known.id !== '' && known.id !== id && name !== '';
  if (known && !isAnother) return known;
  const slot: CallSlot = { id: '', name: '', custom: false, block: -1, held: '', hasArguments: false };
  slots.all.push(slot);
  slots.byIndex.set(index, slot);
  return slot;
}

function startCall(state: DecoderState, choice: ChoiceState, slot: CallSlot): void {
  slot.id ||= madeId(choice.calls.all.indexOf(slot));
  slot.block = nextBlock(state);
  const name = restoreToolName(slot.name || UNNAMED, state.call);
  state.parts.push({
    type: 'block-start',
    block: slot.block,
    choice: choice.index,
    content: slot.custom
      ? { type: 'tool-call', id: slot.id, name, custom: true }
      : { type: 'tool-call', id: slot.id, name },
  });
  if (slot.held !== '') {
    state.parts.push({ type: 'arguments-delta', block: slot.block, text: slot.held });
    slot.held = '';
  }
}

function addArguments(state: DecoderState, slot: CallSlot, text: string): void {
  slot.hasArguments = true;
  if (slot.block < 0) slot.held += text;
  else state.parts.push({ type: 'arguments-delta', block: slot.block, text });
}

/** Ends all calls of a choice, in the order of their starts. */
export function endCalls(state: DecoderState, choice: ChoiceState): void {
  for (const slot of choice.calls.all) {
    if (slot.block < 0) startCall(state, choice, slot);
    if (!slot.hasArguments && !slot.custom)
      state.parts.push({ type: 'arguments-delta', block: slot.block, text: '{}' });
    state.parts.push({ type: 'block-end', block: slot.block });
  }
}
