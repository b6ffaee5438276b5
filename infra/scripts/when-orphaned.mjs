const PARENT = process.ppid;
const EVERY_MS = 500;

/**
 * Calls back once when whoever started this process has ended. npm's SIGTERM ends the shell between them, which does not
 * hand it on: whoever kills `npm start` would leave the stack running.
 * @param {() => void} act
 */
export function whenOrphaned(act) {
  const watch = setInterval(() => {
    if (process.ppid === PARENT) return;
    clearInterval(watch);
    act();
  }, EVERY_MS);
}
