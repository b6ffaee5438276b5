export type LogFields = Record<string, string | number | boolean | null | undefined>;

/** One line of JSON per event. Fields are flat and chosen one by one: never a body, a header map or an event. */
export interface Logger {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

type Level = 'info' | 'warn' | 'error';

/**
 * @param write takes one line without its end; stdout in production
 * @param base fields that every line carries (function name, build)
 */
export function createLogger(write: (line: string) => void, base: LogFields = {}): Logger {
  const emit = (level: Level, event: string, fields: LogFields = {}): void => {
    write(redact(JSON.stringify({ time: new Date().toISOString(), level, event, ...base, ...fields })));
  };
  return {
    info: (event, fields) => emit('info', event, fields),
    warn: (event, fields) => emit('warn', event, fields),
    error: (event, fields) => emit('error', event, fields),
  };
}

/** The last net: whatever looks like a bearer token, a vendor key or a JWT is masked even if a field let it through. */
export const SECRET_SHAPES =
  /\b(?:sk|xai|ck|AIza)[-_A-Za-z0-9]{12,}|\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)?|\b[Bb]earer [^\s"]+/g;

function redact(line: string): string {
  return line.replace(SECRET_SHAPES, '[redacted]');
}
