/** What is known of how far somebody is. */
export interface GuideFacts {
  /** Operators also give the gateway something to ask. */
  mayAddCredentials: boolean;
  /** Names of the upstreams that have a credential. */
  upstreams: readonly string[];
  keys: number;
  /** The last request of the caller, if there was any. */
  lastRequest: string | null;
  hasSeenLog: boolean;
}

export type StepName = 'credential' | 'key' | 'request' | 'log';

export interface Step {
  name: StepName;
  done: boolean;
}

/** The way to the first request and its entry in the log, with what is behind already. */
export function stepsOf(facts: GuideFacts): Step[] {
  const ofAll: Step[] = [
    { name: 'key', done: facts.keys > 0 },
    { name: 'request', done: facts.lastRequest !== null },
    { name: 'log', done: facts.hasSeenLog },
  ];
  return facts.mayAddCredentials ? [{ name: 'credential', done: facts.upstreams.length > 0 }, ...ofAll] : ofAll;
}

/** The first step that is not behind; null: none is left. */
export function nextStep(steps: readonly Step[]): StepName | null {
  return steps.find(({ done }) => !done)?.name ?? null;
}

/** Whether all that there is came with `npm start`: upstreams on this machine that cost nothing. */
export function isSandboxOnly(upstreams: readonly string[]): boolean {
  return upstreams.length > 0 && upstreams.every((name) => /^sandbox(-|$)/.test(name));
}
