import TestRunner from 'jest-runner';

/**
 * Runs the files of its projects one after the other, in Jest's own process, when all others are done: they share one
 * stack, and a stack is some ten processes.
 */
// oxlint-disable-next-line import/no-default-export -- Jest asks for it
export default class SerialRunner extends TestRunner {
  isSerial = true;
}
