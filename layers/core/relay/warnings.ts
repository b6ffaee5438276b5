import type { Warn } from '@sluice/llm/neutral/warning';
import type { Exchange } from './exchange.ts';

/** The client is told so much and no more of what could not be said; the rest only repeats it. */
const MOST_WARNINGS = 20;

/** Each warning once, as `code:field`. */
export function createWarn({ warnings }: Pick<Exchange, 'warnings'>): Warn {
  return (code, field) => {
    const warning = `${code}:${field.replaceAll(/[^\x21-\x7e]|,/g, '?').slice(0, 100)}`;
    if (warnings.length < MOST_WARNINGS && !warnings.includes(warning)) warnings.push(warning);
  };
}

/**
 * Warnings of one call after the other: what could not be said to an upstream that did not answer is of no concern to
 * the client of the one that did.
 */
export function createCallWarnings(exchange: Pick<Exchange, 'warnings'>): { begin(): Warn } {
  const { warnings } = exchange;
  let ofCall: string[] = [];
  return {
    begin() {
      for (const warning of ofCall) warnings.splice(warnings.indexOf(warning), 1);
      const own: string[] = (ofCall = []);
      const warn = createWarn(exchange);
      return (code, field) => {
        const before = warnings.length;
        warn(code, field);
        if (warnings.length > before) own.push(warnings.at(-1) as string);
      };
    },
  };
}
