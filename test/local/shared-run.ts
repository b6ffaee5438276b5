/** Jest loads its hooks apart, and once for each project; what is to end is kept on the process they share. */
const SHARED = Symbol.for('sluice.test.shared-stacks');
type End = () => unknown;
type Holder = typeof globalThis & { [SHARED]?: End[] };

export function keepForTeardown(end: End): void {
  const holder = globalThis as Holder;
  (holder[SHARED] ??= []).push(end);
}

/** Ends everything, the last begun first. The first project's teardown does it for all. */
export async function endSharedRun(): Promise<void> {
  const ends = (globalThis as Holder)[SHARED]?.splice(0) ?? [];
  for (const end of ends.toReversed()) await end();
}
