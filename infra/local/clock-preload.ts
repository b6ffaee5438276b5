/**
 * Loaded with `--import` into the runner's own processes (store, sandbox), so that they share the shifted clock: the
 * first offset comes by environment variable, later ones by IPC.
 */
import { installShiftedClock } from './clock.ts';

const clock = installShiftedClock(globalThis, Number(process.env['SLUICE_CLOCK_OFFSET_MS'] ?? 0));

process.on('message', (message: unknown) => {
  if (typeof message !== 'object' || message === null || !('type' in message) || message.type !== 'clock') return;
  if ('offsetMs' in message && typeof message.offsetMs === 'number') clock.setOffset(message.offsetMs);
});
