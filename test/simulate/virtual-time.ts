/** Time that passes only when everybody waits. */
export interface VirtualTime {
  now(): number;
  sleep(ms: number): Promise<void>;
  /** Lets time pass until nobody waits any more. */
  run(): Promise<void>;
}

interface Waiter {
  at: number;
  order: number;
  wake(): void;
}

export function createVirtualTime(): VirtualTime {
  /** A binary heap: the next one stands first. */
  const heap: Waiter[] = [];
  let now = 0;
  let orders = 0;
  return {
    now: () => now,
    sleep: (ms) =>
      new Promise((resolve) => {
        orders += 1;
        push(heap, { at: now + Math.max(0, ms), order: orders, wake: resolve });
      }),
    async run() {
      await settled();
      for (let next = pop(heap); next !== null; next = pop(heap)) {
        now = next.at;
        next.wake();
        await settled();
      }
    },
  };
}

/** Everything that does not wait for time has been done. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function isBefore(left: Waiter, right: Waiter): boolean {
  return left.at < right.at || (left.at === right.at && left.order < right.order);
}

function push(heap: Waiter[], waiter: Waiter): void {
  let index = heap.push(waiter) - 1;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    if (!isBefore(heap[index]!, heap[parent]!)) return;
    [heap[index], heap[parent]] = [heap[parent]!, heap[index]!];
    index = parent;
  }
}

function pop(heap: Waiter[]): Waiter | null {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined) return null;
  if (heap.length === 0) return first;
  heap[0] = last;
  let index = 0;
  for (;;) {
    let least = index;
    for (const child of [2 * index + 1, 2 * index + 2]) {
      if (child < heap.length && isBefore(heap[child]!, heap[least]!)) least = child;
    }
    if (least === index) return first;
    [heap[index], heap[least]] = [heap[least]!, heap[index]!];
    index = least;
  }
}
