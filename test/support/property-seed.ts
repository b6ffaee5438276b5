import fc from 'fast-check';

/**
 * Property tests draw the same cases in every run, so that a change is judged by what it changed; long runs draw others
 * (`LAW_RUNS`, and `LAW_SEED` to name them). Loaded before each test file.
 */
const isLong = (process.env['LAW_RUNS'] ?? '') !== '';
const named = Number(process.env['LAW_SEED'] ?? '');
if (named > 0) fc.configureGlobal({ seed: named });
else if (!isLong) fc.configureGlobal({ seed: 20_261_121 });
