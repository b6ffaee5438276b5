/** Days as the reader's calendar has them, turned into the instants that the API compares with. */

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** `2026-11-21`, where it is a day that exists. */
export function readDay(value: unknown): string | undefined {
  if (typeof value !== 'string' || !DAY.test(value)) return undefined;
  const at = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(value) ? value : undefined;
}

/** The first instant of a day here, in ISO 8601. */
export function startOfDay(day: string): string {
  return new Date(`${day}T00:00:00`).toISOString();
}

/** The first instant after a day here, in ISO 8601. */
export function endOfDay(day: string): string {
  const at = new Date(`${day}T00:00:00`);
  at.setDate(at.getDate() + 1);
  return at.toISOString();
}
