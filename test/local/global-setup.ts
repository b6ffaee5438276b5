import {
  announceSharedStack,
  removeDirectory,
  startStack,
  synthesizeForTests,
  temporaryDirectory,
} from '../support/stack.ts';
import { keepForTeardown } from './shared-run.ts';

/** Jest's hook before the project `local`: one stack for all its files. */
export default async function startSharedStack(): Promise<void> {
  const assembly = synthesizeForTests();
  const dataDirectory = temporaryDirectory('data');
  try {
    const stack = await startStack({ cloudAssembly: assembly.directory, dataDirectory });
    announceSharedStack(dataDirectory, assembly.directory);
    keepForTeardown(async () => {
      await stack.stop();
      removeDirectory(dataDirectory);
      assembly.remove();
    });
  } catch (error) {
    removeDirectory(dataDirectory);
    assembly.remove();
    throw error;
  }
}
