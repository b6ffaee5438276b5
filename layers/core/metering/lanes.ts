import type { Scheduler } from '@sluice/kit/time/scheduler';

/** Sends writes of one account one after the other, those that wait meanwhile together. Accounts know nothing of each other. */
export interface Lanes<Write, Outcome> {
  /** Rejects as the sending does that the write was part of. */
  send(write: Write): Promise<Outcome>;
}

export interface LaneWays<Write, Outcome, Joint> {
  scheduler: Pick<Scheduler, 'after'>;
  /** One write for the first `count` of these, at least one. */
  join(writes: readonly Write[]): { joint: Joint; count: number };
  sendAlone(write: Write): Promise<Outcome>;
  /** The outcome for each member; null when nothing was done, so that each must be sent alone. */
  sendTogether(joint: Joint): Promise<Outcome | null>;
}

interface Waiting<Write, Outcome> {
  write: Write;
  resolve(outcome: Outcome | Promise<Outcome>): void;
  reject(error: unknown): void;
}

interface Lane<Write, Outcome> {
  waiting: Waiting<Write, Outcome>[];
  /** Sendings that are not answered yet. */
  underWay: number;
  /** Set while somebody waits. */
  stopWaiting: (() => void) | null;
}

/** A write whose answer does not come must not hold up others: after this they go out beside it. */
const PATIENCE_MS = 100;

export function createLanes<Write extends { accountId: string }, Outcome, Joint>(
  ways: LaneWays<Write, Outcome, Joint>,
): Lanes<Write, Outcome> {
  const lanes = new Map<string, Lane<Write, Outcome>>();

  const answered = (accountId: string, lane: Lane<Write, Outcome>): void => {
    lane.underWay -= 1;
    if (lane.waiting.length > 0) go(accountId, lane);
    else if (lane.underWay === 0) lanes.delete(accountId);
  };
  /** Whether it failed is for the members to know. */
  const track = async (accountId: string, lane: Lane<Write, Outcome>, sending: Promise<unknown>): Promise<void> => {
    lane.underWay += 1;
    await sending.catch(() => undefined);
    answered(accountId, lane);
  };
  /** Sends the first of those who wait; the others wait for its answer, or until patience ends again. */
  const go = (accountId: string, lane: Lane<Write, Outcome>): void => {
    lane.stopWaiting?.();
    const { joint, count } = ways.join(lane.waiting.map(({ write }) => write));
    const members = lane.waiting.splice(0, count);
    void track(accountId, lane, count === 1 ? sendOne(ways, members[0]!) : sendGroup(ways, joint, members));
    lane.stopWaiting = lane.waiting.length > 0 ? wait(accountId, lane) : null;
  };
  const wait = (accountId: string, lane: Lane<Write, Outcome>): (() => void) =>
    ways.scheduler.after(PATIENCE_MS, () => {
      lane.stopWaiting = null;
      if (lane.waiting.length > 0) go(accountId, lane);
    });

  return {
    send(write) {
      const { accountId } = write;
      const lane = lanes.get(accountId);
      if (lane === undefined) {
        const sending = ways.sendAlone(write);
        const fresh = { waiting: [], underWay: 0, stopWaiting: null };
        lanes.set(accountId, fresh);
        void track(accountId, fresh, sending);
        return sending;
      }
      return new Promise((resolve, reject) => {
        lane.waiting.push({ write, resolve, reject });
        lane.stopWaiting ??= wait(accountId, lane);
      });
    },
  };
}

/** Never rejects: the member is told. */
function sendOne<Write, Outcome>(
  { sendAlone }: Pick<LaneWays<Write, Outcome, unknown>, 'sendAlone'>,
  { write, resolve, reject }: Waiting<Write, Outcome>,
): Promise<void> {
  return sendAlone(write).then(resolve, reject);
}

async function sendGroup<Write, Outcome, Joint>(
  ways: LaneWays<Write, Outcome, Joint>,
  joint: Joint,
  members: readonly Waiting<Write, Outcome>[],
): Promise<void> {
  let outcome: Outcome | null;
  try {
    outcome = await ways.sendTogether(joint);
  } catch (error) {
    for (const { reject } of members) reject(error);
    return;
  }
  if (outcome === null) await Promise.all(members.map((member) => sendOne(ways, member)));
  else for (const { resolve } of members) resolve(outcome);
}
