/**
 * The sandbox's own process. Environment: SANDBOX_PORT (0 = a free one). Messages to the runner:
 * `{type: 'listening', port}` and `{type: 'set-clock', now}` (milliseconds), which it answers with `{type: 'clock-set'}`.
 */
import { createSandbox } from './server.ts';

const CLOCK_DEADLINE_MS = 5000;

function isClockSet(message: unknown): boolean {
  return typeof message === 'object' && message !== null && (message as { type?: unknown }).type === 'clock-set';
}

function moveClock(now: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      clearTimeout(deadline);
      process.off('message', take);
      act();
    };
    const take = (message: unknown): void => {
      if (isClockSet(message)) settle(resolve);
    };
    const deadline = setTimeout(() => settle(() => reject(new Error('no answer'))), CLOCK_DEADLINE_MS);
    process.on('message', take);
    process.send?.({ type: 'set-clock', now });
  });
}

const sandbox = await createSandbox({ port: Number(process.env['SANDBOX_PORT'] ?? '0'), onClock: moveClock });
let stopping = false;
const stop = (): void => {
  if (stopping) return;
  stopping = true;
  void sandbox.close().then(() => process.exit(0));
};
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
// The runner is gone: nobody is left to stop this process.
process.once('disconnect', stop);

process.send?.({ type: 'listening', port: sandbox.port });
