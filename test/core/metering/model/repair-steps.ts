import { cloneState, type Agent, type Rules, type Setup, type Source, type State } from './ledger-model.ts';
import { apply } from './store-steps.ts';
import { send, type Step } from './steps.ts';

/*
 * Those who repair: another relay or the daily pass sees a stale hold (side `account`), the sweep sees an open event
 * of an old time slice (side `event`).
 */

export function repairSteps(state: State, index: number, rules: Rules, setup: Setup): Step[] {
  const agent = state.agents[index]!;
  if (state.time < 2 || agent.pc === 'done') return [];
  if (agent.pc === 'idle') return sightings(state, index);
  return [...workSteps(state, index, rules, setup), change(state, index, 'stops', (own) => void (own.pc = 'done'))];
}

function change(state: State, index: number, what: string, how: (agent: Agent) => void): Step {
  const next = cloneState(state);
  how(next.agents[index]!);
  return { label: `repairer ${index}: ${what}`, next };
}

function sightings(state: State, index: number): Step[] {
  const steps: Step[] = [];
  for (const [request, hold] of state.holds.entries()) {
    const see = (side: Agent['side']): Step =>
      change(state, index, `sees the ${side} of ${request}`, (agent) => {
        Object.assign(agent, { pc: 'found', side, request });
      });
    if (hold) steps.push(see('account'));
    if (state.events[request]?.open) steps.push(see('event'));
  }
  return steps;
}

function workSteps(state: State, index: number, rules: Rules, setup: Setup): Step[] {
  const { pc, request, source, side } = state.agents[index]!;
  const who = `repairer ${index}`;
  if (pc === 'found') {
    const verdict = judge(state, { request, side }, rules, setup);
    return [
      change(state, index, `finds that it ${verdict.isClosed ? 'is' : 'was'} ${verdict.source}`, (agent) => {
        agent.pc = verdict.isClosed ? 'closed' : 'know';
        agent.source = verdict.source;
      }),
    ];
  }
  const rest = { rules, limits: setup.limits };
  if (pc === 'know') {
    return send(
      state,
      { who, message: { kind: 'close', request, source }, ...rest },
      {
        answered(next, answer) {
          Object.assign(next.agents[index]!, { pc: 'closed', source: 'source' in answer ? answer.source : 'void' });
        },
        lost: (next) => void (next.agents[index]!.pc = 'done'),
      },
    );
  }
  return send(
    state,
    { who, message: { kind: 'settle', request, source }, ...rest },
    {
      answered: (next) => void (next.agents[index]!.pc = 'done'),
      lost: (next) => void (next.agents[index]!.pc = 'done'),
    },
  );
}

/** What a repairer makes of the other half of the request, which it reads consistently. */
function judge(
  state: State,
  { request, side }: Pick<Agent, 'request' | 'side'>,
  rules: Rules,
  setup: Setup,
): { isClosed: boolean; source: Source } {
  if (side === 'event') {
    // The event itself tells whether a hold belongs to it.
    const isVoid = setup.isLimited && state.holds[request] === null && rules.openWithoutHoldIsVoid;
    return { isClosed: false, source: isVoid ? 'void' : 'abandoned' };
  }
  const event = state.events[request] ?? null;
  if (!rules.repairReadsEvent) return { isClosed: true, source: 'void' };
  if (event === null) return { isClosed: !rules.voidCreatesEvent, source: 'void' };
  return event.open ? { isClosed: false, source: 'abandoned' } : { isClosed: true, source: event.source };
}

/** A whole sweep that nobody disturbs: open events first, then the holds of all accounts. */
export function sweep(state: State, rules: Rules, setup: Setup): State {
  const next = cloneState(state);
  for (const side of ['event', 'account'] as const) {
    for (const request of next.holds.keys()) {
      const isSeen = side === 'event' ? next.events[request]?.open : next.holds[request];
      if (!isSeen) continue;
      let { source, isClosed } = judge(next, { request, side }, rules, setup);
      if (!isClosed) {
        const answer = apply(next, { kind: 'close', request, source }, rules, setup.limits);
        source = 'source' in answer ? answer.source : 'void';
      }
      apply(next, { kind: 'settle', request, source }, rules, setup.limits);
    }
  }
  return next;
}
