import { cloneState, type Limits, type Message, type Rules, type State } from './ledger-model.ts';
import { apply, type StoreAnswer } from './store-steps.ts';

/** One atomic thing that may happen, and the state after it. */
export interface Step {
  label: string;
  next: State;
}

/**
 * Everything that may become of one write: applied and answered; applied and the answer lost; lost on its way there;
 * still under way when its sender gives it up.
 */
export function send(
  state: State,
  call: { who: string; message: Message; rules: Rules; limits: Limits },
  then: { answered(next: State, answer: StoreAnswer): void; lost(next: State): void },
): Step[] {
  const { who, message, rules, limits } = call;
  const name = `${who}: ${message.kind}${'source' in message ? ` as ${message.source}` : ''}`;
  const answered = cloneState(state);
  const answer = apply(answered, message, rules, limits);
  then.answered(answered, answer);
  const steps = [
    { label: `${name} → ${answer.answer}${'source' in answer ? ` ${answer.source}` : ''}`, next: answered },
  ];
  if (state.faultsLeft === 0) return steps;

  const unanswered = cloneState(state);
  unanswered.faultsLeft -= 1;
  apply(unanswered, message, rules, limits);
  then.lost(unanswered);
  const dropped = cloneState(state);
  dropped.faultsLeft -= 1;
  then.lost(dropped);
  const late = cloneState(state);
  late.faultsLeft -= 1;
  late.late.push(message);
  then.lost(late);
  return [
    ...steps,
    { label: `${name} → applied, answer lost`, next: unanswered },
    { label: `${name} → lost`, next: dropped },
    { label: `${name} → given up, still under way`, next: late },
  ];
}
