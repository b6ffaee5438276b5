/** A start that cannot go on, in words for the person at the terminal; printed without a stack. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** The `code` of a system error (`EADDRINUSE`, `ENOENT`, …), if it has one. */
export function errorCode(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : undefined;
}
