import { installShiftedClock } from './clock.ts';

type Follower = (offsetMs: number) => void | Promise<void>;

/** The one clock of a start: this process's, and those of everything that follows it. */
export interface RunnerClock {
  offsetMs(): number;
  /** Adds one who is told every later offset. */
  follow(follower: Follower): void;
  /** Makes it `now` (epoch milliseconds) everywhere; resolves when all followers have moved. */
  setNow(now: number): Promise<void>;
}

/** Shifts this process's clock so that it starts at `startAt`, or not at all. */
export function createRunnerClock(startAt: number | undefined): RunnerClock {
  const clock = installShiftedClock(globalThis);
  if (startAt !== undefined) clock.setOffset(startAt - clock.machineNow());
  const followers: Follower[] = [];
  return {
    offsetMs: () => clock.offset(),
    follow: (follower) => void followers.push(follower),
    setNow: async (now) => {
      clock.setOffset(now - clock.machineNow());
      await Promise.all(followers.map((follower) => follower(clock.offset())));
    },
  };
}
