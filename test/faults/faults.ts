import { pick, type Random } from './random.ts';

/**
 * What can befall one await:
 * - a call of a store: `lost-before` never arrives; `lost-after` is applied, its answer is lost; `late` is given up and
 *   lands some time later; `later` lands behind the first sweep; `lost-for-good` is late and its repetitions are lost;
 *   `later-for-good` the same, behind the first sweep; `twice` is applied twice; `twice-late` is applied, and
 *   once more later; `refused-busy` the service says that it did nothing; `outage` this and every call of the process
 *   within a minute is lost; `jam` only those that are for the same purpose;
 * - a process: `dies-before`, `dies-after` the call was applied, `dies-late` while it is under way,
 *   `dies-later` and it lands behind the first sweep; `frozen` for twenty
 *   minutes before it goes on;
 * - an upstream: `cut`, `hang`, `status-429`, `status-500`, `unreachable`;
 * - a client: `leaves`, `slow`.
 */
export type Fault =
  | 'lost-before'
  | 'lost-after'
  | 'late'
  | 'later'
  | 'lost-for-good'
  | 'later-for-good'
  | 'twice'
  | 'twice-late'
  | 'refused-busy'
  | 'outage'
  | 'jam'
  | 'dies-before'
  | 'dies-after'
  | 'dies-late'
  | 'dies-later'
  | 'frozen'
  | 'cut'
  | 'hang'
  | 'status-429'
  | 'status-500'
  | 'unreachable'
  | 'leaves'
  | 'slow';

export const READ_FAULTS: readonly Fault[] = ['lost-before', 'refused-busy', 'outage', 'dies-before', 'frozen'];
const WRITE_FAULTS: readonly Fault[] = [
  'lost-before',
  'lost-after',
  'late',
  'later',
  'lost-for-good',
  'later-for-good',
  'twice',
  'refused-busy',
  'outage',
  'jam',
  'dies-before',
  'dies-after',
  'dies-late',
  'dies-later',
  'frozen',
];
export const writeFaults = (repeatable: boolean): readonly Fault[] =>
  repeatable ? [...WRITE_FAULTS, 'twice-late'] : WRITE_FAULTS;
export const UPSTREAM_START_FAULTS: readonly Fault[] = [
  'unreachable',
  'status-429',
  'status-500',
  'cut',
  'hang',
  'dies-before',
  'frozen',
];
export const UPSTREAM_EVENT_FAULTS: readonly Fault[] = ['cut', 'hang', 'dies-before', 'frozen'];
export const SINK_FAULTS: readonly Fault[] = ['leaves', 'slow', 'dies-before'];

/** One place at which something could have gone wrong, and what did. */
export interface Opportunity {
  index: number;
  place: string;
  kinds: readonly Fault[];
  fault: Fault | null;
}

/** Decides at every await what befalls it. */
export interface FaultPlan {
  at(place: string, kinds: readonly Fault[], actor: string): Fault | null;
  /** What there was to decide, in order. */
  readonly seen: readonly Opportunity[];
  /** From now on everything goes well. */
  end(): void;
}

function createPlan(decide: (index: number, kinds: readonly Fault[]) => Fault | null): FaultPlan {
  const seen: Opportunity[] = [];
  let ended = false;
  return {
    seen,
    at(place, kinds) {
      if (ended) return null;
      const index = seen.length;
      const fault = decide(index, kinds);
      seen.push({ index, place, kinds, fault });
      return fault;
    },
    end() {
      ended = true;
    },
  };
}

/** These faults at these opportunities and no others. */
export function plannedFaults(faults: ReadonlyMap<number, Fault>): FaultPlan {
  return createPlan((index, kinds) => {
    const fault = faults.get(index);
    return fault !== undefined && kinds.includes(fault) ? fault : null;
  });
}

/**
 * First these faults, one after the other, each as soon as somebody comes to its place; all else is for `rest` to say.
 * Entries read `<fault> at <place>`, or `<fault> at <place> by <beginning of an actor's name>`.
 */
export function scriptedFaults(script: readonly string[], rest: FaultPlan): FaultPlan & { left(): number } {
  const left = script.map(readEntry);
  return {
    seen: rest.seen,
    end: () => rest.end(),
    left: () => left.length,
    at(place, kinds, actor) {
      const [next] = left;
      const isMet = next?.place === place && actor.startsWith(next.by);
      if (!isMet) return rest.at(place, kinds, actor);
      if (!kinds.includes(next.fault)) throw new TypeError(`No such fault there: ${next.fault} at ${place}`);
      left.shift();
      return next.fault;
    },
  };
}

function readEntry(entry: string): { fault: Fault; place: string; by: string } {
  const [fault = '', rest = ''] = entry.split(' at ');
  const [place = '', by = ''] = rest.split(' by ');
  return { fault: fault as Fault, place, by };
}

/** Each await meets a fault with this probability, until so many did. */
export function randomFaults(random: Random, options: { probability: number; most: number }): FaultPlan {
  let left = options.most;
  return createPlan((_index, kinds) => {
    if (left === 0 || random() >= options.probability) return null;
    left -= 1;
    return pick(random, kinds);
  });
}
