import { AwsError } from '../../layers/aws/aws-error.ts';
import { withRetries } from '../../layers/aws/retries.ts';
import type { TableOperation, TableTransport } from '../../layers/aws/table-operations.ts';
import { READ_FAULTS, writeFaults, type Fault, type FaultPlan } from './faults.ts';
import { nameOfCall } from './places.ts';
import type { Tables } from './tables.ts';
import type { Actor, World } from './world.ts';

/** How long a process sleeps when it is frozen: longer than the margin. */
export const FROZEN_MS = 20 * 60_000;
/** While a store is out, every call of this process fails. */
const OUTAGE_MS = 60_000;
/**
 * Longer than the margin, so that sweeps are overtaken; beyond it a put could land in a time slice that was swept for good
 * and stay open, uncharged. No connection keeps a write for so long.
 */
const LONGEST_UNDER_WAY_MS = 25 * 60_000;
/** The table client sends a repeatable call so many times more. */
const REPEATS = 3;

const READS: readonly TableOperation[] = ['GetItem', 'Query', 'Scan', 'BatchGetItem'];

/** One call with its repetitions. */
interface Call {
  repeatable: boolean;
  /** So many of the next sendings are lost. */
  repeatsLost: number;
}

interface Deps {
  world: World;
  tables: Tables;
  plan: FaultPlan;
}

/** What one process sends to its tables, each sending an action of the world that may meet a fault. */
export function createFaultyTransport({ world, tables, plan }: Deps, actor: Actor): TableTransport {
  let outUntilMs = 0;
  const jammedUntilMs = new Map<string, number>();
  const isOut = (place: string, call: Call): boolean => {
    call.repeatsLost -= 1;
    return call.repeatsLost >= 0 || world.nowMs < Math.max(outUntilMs, jammedUntilMs.get(place) ?? 0);
  };
  const sendOnce = (operation: TableOperation, input: object, call: Call): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const place = nameOfCall(operation, input);
      const sentMs = world.nowMs;
      const apply = (): Promise<unknown> => tables.send(operation, input);
      const land = async (): Promise<void> => void (await apply().catch(() => undefined));
      const run = async (): Promise<void> => {
        const kinds = READS.includes(operation) ? READ_FAULTS : writeFaults(call.repeatable);
        const fault = isOut(place, call) ? 'lost-before' : plan.at(place, kinds, actor.name);
        if (fault === 'outage') outUntilMs = world.nowMs + OUTAGE_MS;
        if (fault === 'jam') jammedUntilMs.set(place, world.nowMs + OUTAGE_MS);
        const landInTime = async (): Promise<void> => {
          if (world.nowMs - sentMs <= LONGEST_UNDER_WAY_MS) await land();
        };
        const later = { place: `${place} of ${actor.name}, late`, actor: null, run: landInTime };
        if (fault === 'lost-for-good' || fault === 'later-for-good') call.repeatsLost = REPEATS;
        if (fault === 'late' || fault === 'lost-for-good' || fault === 'dies-late' || fault === 'twice-late') {
          world.add(later);
        }
        if (fault === 'later' || fault === 'later-for-good' || fault === 'dies-later') world.keepBack(later);
        if (fault === 'frozen') {
          // The answer is there when it wakes, and others have had their time.
          const answer = await apply().then(
            (value) => () => resolve(value),
            (error: unknown) => () => reject(error),
          );
          world.freeze(actor, FROZEN_MS);
          return world.add({ place: `awake after ${place}`, actor, run: answer });
        }
        await befall({ fault, apply, resolve, reject, die: () => world.kill(actor) });
      };
      world.add({ place, actor, run });
    });
  return {
    send: (operation, input, { repeatable }) => {
      const call: Call = { repeatable, repeatsLost: 0 };
      return withRetries(
        { send: () => sendOnce(operation, input, call), repeatable },
        { sleep: world.sleep(actor), random: () => 0.5 },
      );
    },
    close: async () => undefined,
  };
}

async function befall(call: {
  fault: Fault | null;
  apply(): Promise<unknown>;
  resolve(answer: unknown): void;
  reject(error: unknown): void;
  die(): void;
}): Promise<void> {
  const { fault, apply, resolve, reject, die } = call;
  switch (fault) {
    case 'lost-before':
    case 'late':
    case 'later':
    case 'lost-for-good':
    case 'later-for-good':
    case 'outage':
    case 'jam':
      return reject(lost());
    case 'refused-busy':
      return reject(busy());
    case 'lost-after':
      await apply().catch(() => undefined);
      return reject(lost());
    case 'dies-before':
    case 'dies-late':
    case 'dies-later':
      return die();
    case 'dies-after':
      await apply().catch(() => undefined);
      return die();
    default:
      await apply().then(resolve, reject);
      if (fault === 'twice') await apply().catch(() => undefined);
  }
}

function lost(): AwsError {
  return new AwsError({ name: 'ECONNRESET', message: 'The answer was lost', kind: 'lost', status: 0 });
}

function busy(): AwsError {
  return new AwsError({ name: 'ThrottlingException', message: 'Busy', kind: 'not-applied', status: 400 });
}
