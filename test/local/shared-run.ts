/** Jest loads its two hooks apart; what the second has to end is kept on the process they share. */
const SHARED = Symbol.for('sluice.test.shared-stack');
type Holder = typeof globalThis & { [SHARED]?: () => Promise<void> };

export function keepForTeardown(end: () => Promise<void>): void {
  (globalThis as Holder)[SHARED] = end;
}

export async function endSharedRun(): Promise<void> {
  await (globalThis as Holder)[SHARED]?.();
}
