import type { AwsSettings } from './env.ts';
import { createFunctionCaller } from './function-caller.ts';

export interface VaultInvoker {
  /**
   * Invokes the vault function and waits for its JSON answer. What is asked must bear being asked twice.
   * @throws when it failed or could not be reached
   */
  (payload: object): Promise<unknown>;
}

/** The vault gives an exchange ten seconds and those who wait for another's a little more. */
const ANSWER_TIMEOUT_MS = 40_000;

export function createVaultInvoker({ aws, functionName }: { aws: AwsSettings; functionName: string }): VaultInvoker {
  const invoke = createFunctionCaller({ aws, functionName, answerTimeoutMs: ANSWER_TIMEOUT_MS });
  return async (payload) => {
    const { status, text } = await invoke(payload, 'RequestResponse');
    if (status !== 200) throw new Error(`The vault could not be invoked (${status}): ${text.slice(0, 300)}`);
    return JSON.parse(text) as unknown;
  };
}
