import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { BREAKAGES } from './breakages.ts';

/** One line of the source that runs, and what stands there instead. */
export interface BrokenLine {
  name: string;
  /** From the repository's root. */
  file: string;
  /** Stands there exactly once. */
  line: string;
  instead: string;
}

const ROOT = new URL('../../', import.meta.url).href;
const MARK = 'broken';

/**
 * Modules that are imported as `<file>?broken=<name>` see a program of their own: each source of the repository is
 * loaded once more for it, with the line of that breakage replaced. Everything else runs as it is.
 */
export function installBrokenSources(breakages: readonly BrokenLine[] = BREAKAGES): void {
  registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context);
      const name = context.parentURL && new URL(context.parentURL).searchParams.get(MARK);
      const isOurs = resolved.url.startsWith(ROOT) && !resolved.url.includes('/node_modules/');
      return name && isOurs ? { ...resolved, url: `${resolved.url}?${MARK}=${name}` } : resolved;
    },
    load(url, context, next) {
      const loaded = next(url, context);
      const name = url.startsWith(ROOT) ? new URL(url).searchParams.get(MARK) : null;
      const breakage = breakages.find((one) => one.name === name);
      if (!breakage || fileURLToPath(url) !== fileURLToPath(new URL(breakage.file, ROOT))) return loaded;
      return { ...loaded, source: breakSource(breakage, readFileSync(fileURLToPath(url), 'utf8')) };
    },
  });
}

function breakSource({ name, line, instead, file }: BrokenLine, source: string): string {
  const count = source.split(line).length - 1;
  if (count !== 1) throw new Error(`The breakage ${name} names a line that stands ${count} times in ${file}: ${line}`);
  return source.replace(line, () => instead);
}
