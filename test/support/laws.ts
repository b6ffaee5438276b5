import fc from 'fast-check';

/** Cases for each pair: a few in every run, `LAW_RUNS=10000` for the long one. */
const wanted = Number(process.env['LAW_RUNS'] ?? '');
const isLong = Number.isInteger(wanted) && wanted > 0;
const FEW = 10;

/** Of the whole run, so that a long one can be repeated; `LAW_SEED` names it. */
const drawn = isLong ? Math.trunc(Math.random() * 0x7fff_ffff) : 20_261_121;
const seed = Number(process.env['LAW_SEED'] ?? '') || drawn;

export const LAW_TIMEOUT_MS = Math.max(30_000, (isLong ? wanted : FEW) * 500);

if (isLong) process.stdout.write(`Laws: ${wanted} cases for each pair, seed ${seed}\n`);

/**
 * Holds for all that the arbitrary gives; a failure names seed and path.
 * @param laws of the same file, which share the cases of a pair evenly
 */
export function createHolds(
  laws: number,
): <Value>(arbitrary: fc.Arbitrary<Value>, law: (value: Value) => void) => void {
  const numRuns = isLong ? Math.ceil(wanted / laws) : FEW;
  return (arbitrary, law) => fc.assert(fc.property(arbitrary, law), { numRuns, seed });
}
