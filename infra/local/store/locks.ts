/** Exclusive access to named things within one process: first come, first served, several names at once. */

export interface Locks {
  hold<T>(names: readonly string[], work: () => Promise<T>): Promise<T>;
}

/** All names are queued for in one step, so two holders of the same names can never wait for each other. */
export function createLocks(): Locks {
  const lastHolders = new Map<string, Promise<void>>();
  return {
    async hold(names, work) {
      const wanted = [...new Set(names)];
      const { promise: released, resolve: release } = Promise.withResolvers<void>();
      const earlier = wanted.flatMap((name) => lastHolders.get(name) ?? []);
      for (const name of wanted) lastHolders.set(name, released);
      if (earlier.length > 0) await Promise.all(earlier);
      try {
        return await work();
      } finally {
        for (const name of wanted) if (lastHolders.get(name) === released) lastHolders.delete(name);
        release();
      }
    },
  };
}
