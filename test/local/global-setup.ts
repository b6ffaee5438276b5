import type { Config } from 'jest';
import { recordLogSecrets } from '../support/log-secrets.ts';
import { endRecording, nameReference, recordPermissions } from '../support/permission-records.ts';
import {
  adapterOfTests,
  announceSharedAssembly,
  announceSharedStack,
  hasSharedAssembly,
  removeDirectory,
  sharedAssembly,
  startStack,
  synthesizeForTests,
  temporaryDirectory,
} from '../support/stack.ts';
import { endSharedRun, keepForTeardown } from './shared-run.ts';

/**
 * Jest's hook before a project of the local stack: one stack for all its files, one assembly for all such projects.
 * `SLUICE_RUNNING=DIR` names the data directory of a stack that runs already, for whoever writes a test.
 */
export default async function startSharedStack(_global: Config, project: Config): Promise<void> {
  const adapter = adapterOfTests(project.globals);
  const running = process.env['SLUICE_RUNNING'];
  if (running !== undefined && running !== '') {
    recordLogSecrets();
    announceSharedStack(adapter, running);
    return;
  }
  if (adapter === 'function-url') recordPermissions();
  recordLogSecrets();
  try {
    if (!hasSharedAssembly()) {
      const assembly = synthesizeForTests();
      keepForTeardown(assembly.remove);
      announceSharedAssembly(assembly.directory);
    }
    const dataDirectory = temporaryDirectory('data');
    keepForTeardown(() => removeDirectory(dataDirectory));
    const stack = await startStack({ cloudAssembly: sharedAssembly(), dataDirectory, adapter });
    keepForTeardown(stack.stop);
    if (adapter === 'function-url') nameReference();
    announceSharedStack(adapter, dataDirectory);
  } catch (error) {
    await endSharedRun();
    endRecording();
    throw error;
  }
}
