import type { JobKey } from '@sluice/core/media/job';
import type { AwsSettings } from './env.ts';
import { createFunctionCaller } from './function-caller.ts';

/** Lambda takes an event on at once and runs it by itself. */
const ANSWER_TIMEOUT_MS = 5_000;

/** Has the function that runs media jobs run one. @throws when it was not taken on */
export function createJobStarter({
  aws,
  functionName,
}: {
  aws: AwsSettings;
  functionName: string;
}): (key: JobKey) => Promise<void> {
  const invoke = createFunctionCaller({ aws, functionName, answerTimeoutMs: ANSWER_TIMEOUT_MS });
  return async ({ account, id }) => {
    const { status, text } = await invoke({ account, id }, 'Event');
    if (status !== 202) throw new Error(`The job could not be started (${status}): ${text.slice(0, 300)}`);
  };
}
