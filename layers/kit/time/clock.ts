/** The clock port: milliseconds since the Unix epoch. Rules take it as a value and never read `Date` themselves. */
export type Clock = () => number;

export const systemClock: Clock = () => Date.now();
