import TestRunner from 'jest-runner';

/**
 * Two lanes side by side: files that share a stack (which is some ten processes) one after the other in Jest's own
 * process, all others in its workers. What the projects say of it is `globals.sharesStack`.
 */
// oxlint-disable-next-line import/no-default-export -- Jest asks for it
export default class TwoLaneRunner extends TestRunner {
  async runTests(tests, watcher, options) {
    const sharesStack = (test) => Boolean(test.context.config.globals.sharesStack);
    const stackLane = tests.filter(sharesStack);
    const workerLane = tests.filter((test) => !sharesStack(test));
    if (workerLane.length === 0 || stackLane.length === 0 || options.serial) {
      return super.runTests(tests, watcher, { serial: options.serial || workerLane.length === 0 });
    }
    // Jest's own process takes the place of one worker.
    this._globalConfig = { ...this._globalConfig, maxWorkers: Math.max(1, this._globalConfig.maxWorkers - 1) };
    await Promise.all([
      super.runTests(stackLane, watcher, { serial: true }),
      super.runTests(workerLane, watcher, { serial: false }),
    ]);
  }
}
