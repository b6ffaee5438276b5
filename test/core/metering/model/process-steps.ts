import { cloneState, type Message, type Process, type Rules, type Setup, type State } from './ledger-model.ts';
import { send, type Step } from './steps.ts';
import type { StoreAnswer } from './store-steps.ts';

/** What one relay process may do next for its request. */
export function processSteps(state: State, request: number, rules: Rules, setup: Setup): Step[] {
  const { pc } = state.processes[request]!;
  if (pc === 'done' || pc === 'dead') return [];
  if (pc === 'new') return state.time === 2 ? [] : [begin(state, request)];
  return [...ordinarySteps(state, request, rules, setup), crash(state, request)];
}

type Change = (process: Process, next: State) => void;

function change(state: State, request: number, how: Change): State {
  const next = cloneState(state);
  how(next.processes[request]!, next);
  return next;
}

function begin(state: State, request: number): Step {
  const next = change(state, request, (process) => {
    process.pc = 'admitting';
    process.minute = state.time as 0 | 1;
    process.seen = state.entitlement;
  });
  return { label: `${request}: begins`, next };
}

function crash(state: State, request: number): Step {
  return { label: `${request}: dies`, next: change(state, request, (process) => void (process.pc = 'dead')) };
}

function ordinarySteps(state: State, request: number, rules: Rules, setup: Setup): Step[] {
  switch (state.processes[request]!.pc) {
    case 'admitting':
      return admitting(state, request, rules, setup);
    case 'creating':
      return write(state, request, { kind: 'create' }, rules, setup, {
        answered: (process) => void (process.pc = 'admitting'),
        lost: (process) => void (process.pc = 'admitting'),
      });
    case 'reading':
      return reading(state, request, rules);
    case 'calling':
      return [calling(state, request, rules, setup)];
    case 'closing':
    case 'closing-last':
      return closing(state, request, rules, setup);
    case 'settling':
    case 'settling-first':
      return settling(state, request, rules, setup);
    default:
      return [];
  }
}

/** The event and the account are written in parallel, in any order. */
function admitting(state: State, request: number, rules: Rules, setup: Setup): Step[] {
  const { put, admit, minute, seen } = state.processes[request]!;
  const steps: Step[] = [];
  if (put === 'none') {
    steps.push(
      ...write(state, request, { kind: 'put', request }, rules, setup, {
        answered(process, next, answer) {
          process.put = answer === 'ok' ? 'ok' : 'lost';
          decide(process, next, rules);
        },
        lost(process, next) {
          if (process.triesLeft > 0) process.triesLeft -= 1;
          else process.put = 'lost';
          decide(process, next, rules);
        },
      }),
    );
  }
  if (admit !== 'none') return steps;
  if (state.time === 2 && rules.checksAgeBeforeAdmission) {
    const next = change(state, request, (process, changed) => {
      process.admit = 'lost';
      decide(process, changed, rules);
    });
    return [...steps, { label: `${request}: is too old to be admitted`, next }];
  }
  steps.push(
    ...write(state, request, { kind: 'admit', request, minute, seen }, rules, setup, {
      answered(process, next, answer) {
        process.admit = answer === 'closed' ? 'refused' : answer;
        decide(process, next, rules);
      },
      lost(process, next) {
        process.admit = 'lost';
        decide(process, next, rules);
      },
    }),
  );
  return steps;
}

/** Goes on as soon as both answers are there. */
function decide(process: Process, state: State, rules: Rules): void {
  if (process.put === 'none') return;
  if (process.admit === 'none' && (rules.awaitsAdmission || process.put !== 'ok')) return;
  if (!process.triedAgain && tryAgain(process, state, rules)) return;
  if (process.admit === 'lost' && rules.afterLostAdmission !== 'believe') {
    process.pc = 'reading';
    return;
  }
  goOnOrGiveUp(process, rules);
}

function tryAgain(process: Process, state: State, rules: Rules): boolean {
  const { admit } = process;
  const sendsAgain = admit === 'lost' && rules.afterLostAdmission === 'send-again';
  if (admit !== 'changed' && admit !== 'missing' && !sendsAgain) return false;
  process.triedAgain = true;
  process.admit = 'none';
  if (admit === 'changed') process.seen = state.entitlement;
  if (admit === 'missing') process.pc = 'creating';
  return true;
}

function goOnOrGiveUp(process: Process, rules: Rules): void {
  const isAdmitted = process.admit === 'ok' || !rules.awaitsAdmission;
  if (process.put === 'ok' && (isAdmitted || (process.admit === 'lost' && rules.afterLostAdmission === 'believe'))) {
    process.pc = 'calling';
  } else {
    giveUp(process, rules, process.admit === 'refused' ? 'limit' : 'unavailable');
  }
}

function giveUp(process: Process, rules: Rules, refused: Process['refused']): void {
  process.refused = refused;
  process.source = 'void';
  process.triesLeft = 1;
  process.pc = rules.voidsWhatItGivesUp ? 'closing' : 'done';
}

/** One consistent read after a lost answer; where it fails too, nothing is known. */
function reading(state: State, request: number, rules: Rules): Step[] {
  const found = change(state, request, (process) => {
    if (state.holds[request] && process.put === 'ok') process.pc = 'calling';
    else giveUp(process, rules, 'unavailable');
  });
  const steps: Step[] = [{ label: `${request}: reads the account`, next: found }];
  if (state.faultsLeft === 0) return steps;
  const failed = change(state, request, (process, next) => {
    next.faultsLeft -= 1;
    giveUp(process, rules, 'unavailable');
  });
  return [...steps, { label: `${request}: cannot read the account`, next: failed }];
}

function calling(state: State, request: number, rules: Rules, setup: Setup): Step {
  if (state.time === 2 && rules.checksAgeBeforeCall) {
    const next = change(state, request, (process) => giveUp(process, rules, 'unavailable'));
    return { label: `${request}: is too old to call`, next };
  }
  const next = change(state, request, (process, changed) => {
    const isHeld = changed.holds[request] !== null || !setup.isLimited;
    const hasWritten = isHeld && changed.events[request]?.open;
    if (!hasWritten) changed.broken = 'nothing-unheld-is-spent';
    changed.ghosts[request]!.called = true;
    process.source = 'reported';
    process.triesLeft = 1;
    process.pc = rules.closesBeforeSettling ? 'closing' : 'settling-first';
    const running = changed.processes.filter(isRunning);
    if (setup.limits.fly !== null && running.length > setup.limits.fly) changed.broken = 'spend-within-limit';
  });
  return { label: `${request}: calls the upstream`, next };
}

function isRunning({ pc, source }: Process): boolean {
  return source === 'reported' && (pc === 'closing' || pc === 'settling-first');
}

function closing(state: State, request: number, rules: Rules, setup: Setup): Step[] {
  const { source, pc } = state.processes[request]!;
  return write(state, request, { kind: 'close', request, source }, rules, setup, {
    answered(process, _next, _answer, stored) {
      // Past the margin somebody else may have judged the request already; it is theirs then.
      if (stored !== undefined && stored !== source) process.left = true;
      if (stored !== undefined) process.source = stored;
      process.triesLeft = 1;
      // A definite refusal left no hold.
      process.pc = pc === 'closing-last' || process.refused === 'limit' ? 'done' : 'settling';
    },
    lost: tryOnceMore,
  });
}

function settling(state: State, request: number, rules: Rules, setup: Setup): Step[] {
  const { source, pc } = state.processes[request]!;
  return write(state, request, { kind: 'settle', request, source }, rules, setup, {
    answered(process) {
      process.triesLeft = 1;
      process.pc = pc === 'settling-first' ? 'closing-last' : 'done';
    },
    lost: tryOnceMore,
  });
}

/** What cannot be ended is left to the sweep. */
function tryOnceMore(process: Process): void {
  if (process.triesLeft > 0) {
    process.triesLeft -= 1;
  } else {
    process.left = true;
    process.pc = 'done';
  }
}

function write(
  state: State,
  request: number,
  message: Message,
  rules: Rules,
  setup: Setup,
  on: {
    answered(process: Process, next: State, answer: StoreAnswer['answer'], stored?: Process['source']): void;
    lost(process: Process, next: State): void;
  },
): Step[] {
  return send(
    state,
    { who: String(request), message, rules, limits: setup.limits },
    {
      answered: (next, answer) =>
        on.answered(next.processes[request]!, next, answer.answer, 'source' in answer ? answer.source : undefined),
      lost: (next) => on.lost(next.processes[request]!, next),
    },
  );
}
