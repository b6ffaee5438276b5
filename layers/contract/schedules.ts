import { z } from 'zod';

/** The by-hand parameters of a schedule, e.g. `{"olderThanMs": 0}` of sweep-holds. */
export const scheduleParameters = z.record(z.string(), z.unknown()).default({});
/** Whatever the schedule reports; its own documentation says what. */
export const scheduleReport = z.unknown();
