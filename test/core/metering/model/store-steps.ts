import {
  figures,
  HELD,
  type Counter,
  type Limits,
  type Message,
  type Rules,
  type Source,
  type State,
} from './ledger-model.ts';

/** What the store does with one write; each is atomic. They change the state that they are given. */

export type StoreAnswer =
  | { answer: 'ok' }
  | { answer: 'refused' | 'changed' | 'missing' }
  /** Of a closing: what stands in the event now. */
  | { answer: 'closed'; source: Source };

export function apply(state: State, message: Message, rules: Rules, limits: Limits): StoreAnswer {
  switch (message.kind) {
    case 'put':
      return putEvent(state, message.request);
    case 'admit':
      return admit(state, message, rules, limits);
    case 'close':
      return close(state, message, rules);
    case 'settle':
      return settle(state, message, rules);
    case 'create':
      return createAccount(state, rules);
  }
}

/** An event that stands there already was put by an earlier sending of the same request, or closed as void. */
function putEvent(state: State, request: number): StoreAnswer {
  const event = state.events[request];
  if (event) return { answer: event.open ? 'ok' : 'refused' };
  state.events[request] = { open: true, source: 'void' };
  return { answer: 'ok' };
}

function admit(
  state: State,
  { request, minute, seen }: Extract<Message, { kind: 'admit' }>,
  rules: Rules,
  limits: Limits,
): StoreAnswer {
  if (!state.hasHolds) return { answer: 'missing' };
  if (state.holds[request]) return { answer: 'refused' };
  if (rules.checksEntitlement && state.entitlement !== seen) return { answer: 'changed' };
  const plan = seen === 0 ? 'A' : 'B';
  const amounts: [Counter, number, number | null][] = [
    ['tok', HELD, limits.tok],
    [`req${minute}`, 1, limits.req],
    ['fly', 1, limits.fly],
    [`plan${plan}`, HELD, limits.plan],
  ];
  const count = ([name]: [Counter, number, number | null]): number => state.counters[name] ?? 0;
  const isFull = amounts.some((entry) => {
    const [, amount, limit] = entry;
    if (limit === null) return false;
    return rules.checksRoom ? count(entry) > limit - amount : count(entry) > limit;
  });
  if (isFull) return { answer: 'refused' };
  for (const entry of amounts) {
    const [name, amount, limit] = entry;
    if (limit !== null || name === 'tok') state.counters[name] = count(entry) + amount;
  }
  state.holds[request] = { minute, plan };
  const ghost = state.ghosts[request]!;
  ghost.admittedEver = true;
  ghost.net += HELD;
  if (state.entitlement !== seen) state.broken = 'charged-to-the-plan-in-force';
  return { answer: 'ok' };
}

function close(state: State, { request, source }: Extract<Message, { kind: 'close' }>, rules: Rules): StoreAnswer {
  const event = state.events[request] ?? null;
  if (event === null) {
    if (!(source === 'void' && rules.voidCreatesEvent)) return { answer: 'missing' };
  } else if (!event.open && rules.closesOnlyOpen) {
    return { answer: 'closed', source: rules.takesStoredFigures ? event.source : source };
  }
  state.events[request] = { open: false, source };
  state.ghosts[request]!.closings += 1;
  return { answer: 'closed', source };
}

function settle(state: State, { request, source }: Extract<Message, { kind: 'settle' }>, rules: Rules): StoreAnswer {
  const hold = state.holds[request] ?? null;
  if (hold === null && rules.settlesOnlyHeld) return { answer: 'refused' };
  const { req, tok } = figures(request, source);
  const minute = hold?.minute ?? 0;
  const isRetained = minute === 1 || state.time < rules.retentionEnds;
  add(state, 'tok', tok - HELD);
  if (isRetained) add(state, `req${minute}`, req - 1);
  if (rules.flyComesDown) add(state, 'fly', -1);
  add(state, `plan${hold?.plan ?? 'A'}`, tok - HELD);
  state.holds[request] = null;
  state.ghosts[request]!.net += tok - HELD;
  if (state.time >= rules.retentionEnds) delete state.counters.req0;
  return { answer: 'ok' };
}

/** A counter exists only where a limit is set. */
function add(state: State, name: Counter, amount: number): void {
  const known = state.counters[name];
  if (known !== undefined) state.counters[name] = known + amount;
}

function createAccount(state: State, rules: Rules): StoreAnswer {
  if (state.hasHolds && rules.creationKeepsHolds) return { answer: 'ok' };
  state.hasHolds = true;
  state.holds = state.holds.map(() => null);
  return { answer: 'ok' };
}
