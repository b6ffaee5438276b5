import { LRUCache } from 'lru-cache';

export interface TimedCache<Value> {
  /** The cached value, or the loader's, remembered (misses too) for the life of the cache. Parallel loads are shared. */
  get(key: string, load: () => Promise<Value>): Promise<Value>;
  /** The value when it is already known, without waiting. */
  peek(key: string): Value | undefined;
  forget(key: string): void;
}

interface Entry<Value> {
  promise: Promise<Value>;
  settled: { value: Value } | null;
}

/** A bounded cache with one life for all entries. A failed load is not remembered. */
export function createTimedCache<Value>(options: { lifeMs: number; max: number }): TimedCache<Value> {
  const entries = new LRUCache<string, Entry<Value>>({ max: options.max, ttl: options.lifeMs });
  return {
    get(key, load) {
      const known = entries.get(key);
      if (known) return known.promise;
      const entry: Entry<Value> = { promise: load(), settled: null };
      entries.set(key, entry);
      entry.promise.then(
        (value) => {
          entry.settled = { value };
        },
        () => {
          if (entries.peek(key) === entry) entries.delete(key);
        },
      );
      return entry.promise;
    },
    peek: (key) => entries.get(key)?.settled?.value,
    forget: (key) => {
      entries.delete(key);
    },
  };
}
