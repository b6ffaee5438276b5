import type { Warn } from '@sluice/llm/neutral/warning';
import type { Exchange } from './exchange.ts';

/** The client is told so much and no more of what could not be said; the rest only repeats it. */
const MOST_WARNINGS = 20;

/** Each warning once, as `code:field`. */
export function createWarn({ warnings }: Exchange): Warn {
  const told = new Set<string>();
  return (code, field) => {
    const warning = `${code}:${field.replaceAll(/[^\x21-\x7e]|,/g, '?').slice(0, 100)}`;
    if (told.has(warning) || told.size >= MOST_WARNINGS) return;
    told.add(warning);
    warnings.push(warning);
  };
}
