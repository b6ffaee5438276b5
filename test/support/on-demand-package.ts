import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/sluice/', import.meta.url));

export interface OnDemandPackage {
  name: string;
  /** An exact version. */
  version: string;
  /** Exact versions of packages that it asks for by a range. */
  overrides?: Readonly<Record<string, string>>;
  /** Runs its install scripts, for a package that builds something. */
  scripts?: boolean;
}

/**
 * A package that only a comparison needs: installed from npm at the first call, outside of the project's dependencies.
 * @returns the package's directory
 * @throws with npm's own words when it cannot be installed
 */
export function installOnDemand({ name, version, overrides = {}, scripts = false }: OnDemandPackage): string {
  const home = join(CACHE, `${name.replace('/', '+')}@${version}`);
  const installed = join(home, 'node_modules', name);
  if (existsSync(installed)) return installed;
  mkdirSync(CACHE, { recursive: true });
  const attempt = mkdtempSync(join(CACHE, 'attempt-'));
  try {
    writeFileSync(join(attempt, 'package.json'), JSON.stringify({ private: true, overrides }));
    install(attempt, [`${name}@${version}`, ...(scripts ? [] : ['--ignore-scripts'])]);
    rmSync(home, { recursive: true, force: true });
    renameSync(attempt, home);
  } finally {
    rmSync(attempt, { recursive: true, force: true });
  }
  return installed;
}

function install(directory: string, args: readonly string[]): void {
  const env = { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}` };
  const options = ['--no-audit', '--no-fund', '--loglevel=error'];
  const result = spawnSync('npm', ['install', ...args, ...options], { cwd: directory, env, encoding: 'utf8' });
  if (result.status === 0) return;
  const said = result.error?.message ?? `${result.stdout}\n${result.stderr}`.trim().slice(-2000);
  throw new Error(`npm install ${args[0]} failed: ${said}`);
}
