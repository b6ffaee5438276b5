import { cpSync, existsSync, mkdirSync, realpathSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { StartError } from './start-error.ts';

/**
 * Lays a function out as Lambda does: its code in a directory of its own, the layer's packages where Node finds them.
 * Everything is copied, since Node follows links to their real place and would then search the checkout's packages.
 */
export function createCodeStore(directory: string) {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const root = realpathSync(directory);
  return {
    /** All code lies below this directory. */
    root,
    /** Copies the code of one function; answers its directory. */
    install(options: { name: string; codePath: string; layerPaths: readonly string[] }): string {
      const target = join(root, options.name);
      copyDirectory(options.codePath, target);
      for (const layerPath of options.layerPaths) {
        const packages = join(installLayer(root, layerPath), 'nodejs', 'node_modules');
        if (existsSync(packages)) linkPackages(packages, target, options.name);
      }
      return target;
    },
  };
}

function installLayer(root: string, layerPath: string): string {
  const target = join(root, '.layers', basename(layerPath));
  if (!existsSync(target)) copyDirectory(layerPath, target);
  return target;
}

function linkPackages(packages: string, functionDirectory: string, name: string): void {
  const link = join(functionDirectory, 'node_modules');
  if (existsSync(link))
    throw new StartError(`${name} has packages of its own and a layer with packages; give it one of them.`);
  symlinkSync(packages, link, 'dir');
}

function copyDirectory(from: string, to: string): void {
  if (!statSync(from, { throwIfNoEntry: false })?.isDirectory()) {
    throw new StartError(`The asset ${from} is not a directory, which the local stack needs for code.`);
  }
  cpSync(from, to, { recursive: true, dereference: true });
}
