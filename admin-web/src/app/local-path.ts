/** A place inside this console. Anything that could lead to another site (`//evil.example`, `/\evil`) is not one. */
export function isLocalPath(value: unknown): value is string {
  return typeof value === 'string' && /^\/(?![/\\])/.test(value);
}
