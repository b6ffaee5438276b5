import { endSharedRun } from './shared-run.ts';

/** Jest's hook after the project `local`. */
export default async function stopSharedStack(): Promise<void> {
  await endSharedRun();
}
