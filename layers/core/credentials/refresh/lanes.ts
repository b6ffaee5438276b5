/** What a lane found out by its last piece of work. */
export type LaneNews = 'again' | 'slower' | 'over';

/** What every piece of work that is not `slower` brings back of the speed that was lost. */
const RECOVERY = 1 / 64;

/**
 * Works in lanes beside each other until one says that it is over, and ends when all have ended. `slower` halves their
 * number, down to one.
 * @param most asked again and again: how many lanes there may be
 * @param work isFresh: the first piece of its lane
 * @throws what a lane threw first, after the others have ended
 */
export function runLanes(most: () => number, work: (isFresh: boolean) => Promise<LaneNews>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let running = 0;
  let speed = 1;
  let isOver = false;
  let failure: { error: unknown } | null = null;
  const width = (): number => (isOver ? 0 : Math.max(1, Math.floor(most() * speed)));
  const fill = (): void => {
    while (running < width()) {
      running += 1;
      void runLane();
    }
  };
  const runLane = async (): Promise<void> => {
    try {
      // The lane itself is one of them.
      for (let isFresh = true; running <= width(); isFresh = false) {
        const news = await work(isFresh);
        if (news === 'over') isOver = true;
        else speed = news === 'slower' ? Math.max(1 / 64, speed / 2) : Math.min(1, speed + RECOVERY);
        fill();
      }
    } catch (error) {
      isOver = true;
      failure ??= { error };
    }
    running -= 1;
    if (running > 0) return;
    if (failure === null) resolve();
    else reject(failure.error);
  };
  fill();
  return promise;
}

/** Runs a task when fewer than so many are under way. */
export type Turns = <Result>(task: () => Promise<Result>) => Promise<Result>;

export function createTurns(most: number): Turns {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (task) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
