/*
 * The ledger's algorithm (architecture.md §4) as a small state machine: everything that can happen next from a state,
 * one atomic step of the store or of one process at a time. `walk.ts` visits every interleaving of it.
 *
 * Time has three values: 0 and 1 are two minutes in which requests begin, at 2 every request id is older than the
 * margin and minute windows are past retention. `tok` stands for a window that outlives the walk (a day).
 */

export type Source = 'reported' | 'abandoned' | 'void';
type Plan = 'A' | 'B';
export type Counter = 'tok' | 'req0' | 'req1' | 'fly' | 'planA' | 'planB';

/** What is reserved, what the upstream takes, and what an abandoned request is charged. */
export const HELD = 3;
const ESTIMATE = 1;
/** The second request takes more than was held for it: the error of its estimate. */
export const ACTUAL: readonly number[] = [2, 4];
export const ERROR_BOUND = 1;

export interface Limits {
  tok: number | null;
  req: number | null;
  fly: number | null;
  plan: number | null;
}

/** Which of the algorithm's lines are in force; `mutations.ts` breaks them one by one. */
export interface Rules {
  /** Closing as void writes the closed event where none was opened, so that a late opening finds it there. */
  voidCreatesEvent: boolean;
  /** A repairer that finds an open event without a hold closes it as void: it was never admitted. */
  openWithoutHoldIsVoid: boolean;
  closesBeforeSettling: boolean;
  takesStoredFigures: boolean;
  closesOnlyOpen: boolean;
  settlesOnlyHeld: boolean;
  repairReadsEvent: boolean;
  /** Writes of an admission whose answer was lost: a read decides, or it is sent again, or believed. */
  afterLostAdmission: 'read' | 'send-again' | 'believe';
  voidsWhatItGivesUp: boolean;
  awaitsAdmission: boolean;
  checksAgeBeforeAdmission: boolean;
  checksAgeBeforeCall: boolean;
  checksRoom: boolean;
  checksEntitlement: boolean;
  flyComesDown: boolean;
  /** From which time on counters of minute 0 are removed. */
  retentionEnds: 1 | 2;
  /** Putting right an account keeps the holds that it has. */
  creationKeepsHolds: boolean;
}

interface Hold {
  minute: 0 | 1;
  plan: Plan;
}

interface Event {
  open: boolean;
  source: Source;
}

type Pc =
  | 'new'
  | 'admitting'
  | 'creating'
  | 'reading'
  | 'calling'
  | 'closing'
  | 'settling'
  | 'settling-first'
  | 'closing-last'
  | 'done'
  | 'dead';
type Answer = 'none' | 'ok' | 'lost' | 'refused' | 'changed' | 'missing';

export interface Process {
  pc: Pc;
  minute: 0 | 1;
  seen: 0 | 1;
  put: Answer;
  admit: Answer;
  triesLeft: number;
  triedAgain: boolean;
  source: Source;
  /** How it ended for the client. */
  refused: '' | 'limit' | 'unavailable';
  /** A write that ends the request could not be brought to an end, and was left to the sweep. */
  left: boolean;
}

type AgentPc = 'idle' | 'found' | 'know' | 'closed' | 'done';

export interface Agent {
  pc: AgentPc;
  request: number;
  side: 'account' | 'event';
  source: Source;
}

export type Message =
  | { kind: 'put'; request: number }
  | { kind: 'admit'; request: number; minute: 0 | 1; seen: 0 | 1 }
  | { kind: 'close'; request: number; source: Source }
  | { kind: 'settle'; request: number; source: Source }
  | { kind: 'create' };

/** What only the invariants look at. */
interface Ghost {
  admittedEver: boolean;
  called: boolean;
  closings: number;
  /** Net effect of this request on `tok` of the account. */
  net: number;
}

export interface State {
  time: 0 | 1 | 2;
  entitlement: 0 | 1;
  hasHolds: boolean;
  counters: Partial<Record<Counter, number>>;
  holds: (Hold | null)[];
  events: (Event | null)[];
  processes: Process[];
  agents: Agent[];
  /** Sent, given up by the sender, and still on the way. */
  late: Message[];
  faultsLeft: number;
  ghosts: Ghost[];
  /** A promise that was broken by the very step that led here. */
  broken: string;
}

export interface Setup {
  requests: number;
  repairers: number;
  /** How many answers may be lost in one walk; crashes are free. */
  faults: number;
  limits: Limits;
  /** The user redeems a code some time. */
  redeems: boolean;
  /** The account item exists without `h`. */
  accountLacksHolds: boolean;
  /** False: nothing limits these requests, so that they have an event and no hold. */
  isLimited: boolean;
}

export function initialState(setup: Setup): State {
  const process: Process = {
    pc: 'new',
    minute: 0,
    seen: 0,
    put: 'none',
    admit: setup.isLimited ? 'none' : 'ok',
    triesLeft: 1,
    triedAgain: false,
    source: 'void',
    refused: '',
    left: false,
  };
  return {
    time: 0,
    entitlement: 0,
    hasHolds: !setup.accountLacksHolds,
    counters: {},
    holds: each(setup.requests, () => null),
    events: each(setup.requests, () => null),
    processes: each(setup.requests, () => ({ ...process })),
    agents: each(setup.repairers, () => ({ pc: 'idle', request: 0, side: 'event', source: 'void' })),
    late: [],
    faultsLeft: setup.faults,
    ghosts: each(setup.requests, () => ({ admittedEver: false, called: false, closings: 0, net: 0 })),
    broken: '',
  };
}

function each<Item>(count: number, item: () => Item): Item[] {
  return Array.from({ length: count }, item);
}

export function figures(request: number, source: Source): { req: number; tok: number } {
  if (source === 'void') return { req: 0, tok: 0 };
  return { req: 1, tok: source === 'abandoned' ? ESTIMATE : ACTUAL[request]! };
}

export function cloneState(state: State): State {
  return {
    ...state,
    counters: { ...state.counters },
    holds: [...state.holds],
    events: [...state.events],
    processes: state.processes.map((process) => ({ ...process })),
    agents: state.agents.map((agent) => ({ ...agent })),
    late: [...state.late],
    ghosts: state.ghosts.map((ghost) => ({ ...ghost })),
  };
}
