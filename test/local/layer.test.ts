import { execFile } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from '@jest/globals';
import { ENVIRONMENT, SECRETS, TABLES } from '../../layers/aws/names.ts';
import { layOut } from '../conformance/task-layout.ts';
import { functionAssetOf, functionNamesOf, layerAssetOf } from '../support/function-assets.ts';
import { removeDirectory, sharedAssembly, temporaryDirectory } from '../support/stack.ts';

/**
 * The assets laid out as on a Lambda machine: code in /var/task, the layer in /opt. SLUICE_LAMBDA_ROOT=/ uses the real
 * places, for a machine that is made for it.
 */
const scratch = temporaryDirectory('lambda');
const root = process.env['SLUICE_LAMBDA_ROOT'] ?? realpathSync(scratch);
const bareRoot = join(realpathSync(scratch), 'bare');
const assembly = sharedAssembly();
const importer = fileURLToPath(new URL('../conformance/import-handler.mjs', import.meta.url));

afterAll(() => removeDirectory(scratch));

/** Every name that a function may ask for; nothing is called, so what they name does not matter. */
const environment = {
  ...Object.fromEntries([...Object.values(TABLES), ...Object.values(SECRETS)].map((one) => [one.environmentName, 'x'])),
  [ENVIRONMENT.buildId]: 'x',
  [ENVIRONMENT.mediaBucket]: 'x',
  [ENVIRONMENT.mostMediaBytes]: '1',
  [ENVIRONMENT.mediaCleanupBatch]: '1',
  [ENVIRONMENT.mediaJobsFunction]: 'x',
  [ENVIRONMENT.publicApiPrefix]: '/public-api',
  [ENVIRONMENT.vaultFunction]: 'x',
  [ENVIRONMENT.timeZoneOffsetMinutes]: '480',
  [ENVIRONMENT.scheduleFunctions]: '{}',
  [ENVIRONMENT.metricsNamespace]: 'x',
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'x',
  AWS_SECRET_ACCESS_KEY: 'x',
};

/** @returns what its module exports as `handler` */
async function importHandler(name: string, facts: { root: string; layer: string | null }): Promise<string> {
  const layout = layOut({ ...facts, name, code: functionAssetOf(assembly, name) });
  const module = pathToFileURL(join(layout.taskRoot, 'index.mjs')).href;
  const options = { cwd: layout.taskRoot, env: { ...environment, ...layout.env } };
  const { stdout } = await promisify(execFile)(process.execPath, [...layout.execArgv, importer, module], options);
  return stdout;
}

const layered = functionNamesOf(assembly).filter((name) => name !== 'relay');

describe('the shared layer at opt/nodejs', () => {
  test('is where a Lambda layer’s packages go', () => {
    expect(existsSync(join(layerAssetOf(assembly), 'nodejs', 'node_modules', '@sluice'))).toBe(true);
    expect(layered).toEqual(expect.arrayContaining(['admin', 'vault', 'sweep-holds', 'roll-up-usage']));
  });

  test.each(layered)('gives %s all that its own code lacks', async (name) => {
    expect(await importHandler(name, { root, layer: layerAssetOf(assembly) })).toBe('function');
  });

  test('is what they are missing without it', async () => {
    await expect(importHandler('admin', { root: bareRoot, layer: null })).rejects.toThrow(
      /Cannot find package '@sluice\/\w+'/,
    );
  });

  test('is not asked for by the relay, which is bundled whole', async () => {
    expect(await importHandler('relay', { root: bareRoot, layer: null })).toBe('function');
  });
});
