import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const LAYER_LOOKUP = fileURLToPath(new URL('layer-lookup.mjs', import.meta.url));

/** A function laid out as on a Lambda machine, whose root is `root`. */
export interface TaskLayout {
  /** `/var/task`: the function's own code, and nothing beside it. */
  taskRoot: string;
  /** What the runtime's start adds for the layer. */
  env: Record<string, string>;
  execArgv: readonly string[];
}

/**
 * @param root directory that stands for `/`
 * @param code directory of the function's asset
 * @param layer directory of the layer's asset, which goes to `/opt`; null for a function without
 */
export function layOut(facts: { root: string; name: string; code: string; layer: string | null }): TaskLayout {
  const { root, name, code, layer } = facts;
  const taskRoot = join(root, 'var', 'task', name);
  mkdirSync(taskRoot, { recursive: true });
  cpSync(code, taskRoot, { recursive: true, filter: (source) => source !== join(code, 'node_modules') });
  const opt = join(root, 'opt');
  if (layer !== null && !existsSync(join(opt, 'nodejs'))) cpSync(layer, opt, { recursive: true });
  // The order that the runtime gives; its own packages are not among those that we use.
  const places = ['nodejs/node24/node_modules', 'nodejs/node_modules'].map((place) => join(opt, place));
  return {
    taskRoot,
    env: layer === null ? {} : { NODE_PATH: places.join(delimiter) },
    execArgv: layer === null ? [] : ['--import', LAYER_LOOKUP],
  };
}
