/** Whether dependencies answer: one cheap call of each, and none is waited for for long. */

export type Probes = Readonly<Record<string, () => Promise<unknown>>>;

/** A probe that hangs counts as down. */
const PROBE_MS = 2_000;

/** @param onDown is told why; the reason is for the log only */
export async function probeAll(
  probes: Probes,
  onDown: (name: string, reason: string) => void,
): Promise<Record<string, 'up' | 'down'>> {
  const states = Object.entries(probes).map(async ([name, probe]) => [name, await stateOf(name, probe, onDown)]);
  return Object.fromEntries(await Promise.all(states)) as Record<string, 'up' | 'down'>;
}

async function stateOf(
  name: string,
  probe: () => Promise<unknown>,
  onDown: (name: string, reason: string) => void,
): Promise<'up' | 'down'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PROBE_MS} ms`)), PROBE_MS);
  });
  try {
    await Promise.race([probe(), late]);
    return 'up';
  } catch (error) {
    onDown(name, error instanceof Error ? error.message : '');
    return 'down';
  } finally {
    clearTimeout(timer);
  }
}
