import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

/**
 * Refuses modules from outside `codeRoot`. The data directory may lie inside a checkout, whose node_modules Node would
 * search too; a package that is missing from the deployed code or its layer has to be missing here as well.
 */
export function installCodeBoundary(codeRoot: string): void {
  const root = `${pathToFileURL(codeRoot).href}/`;
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const resolved = nextResolve(specifier, context);
      if (!resolved.url.startsWith('file:') || resolved.url.startsWith(root)) return resolved;
      throw new Error(`Cannot find package '${specifier}' in the function's code or its layer`);
    },
  });
}
