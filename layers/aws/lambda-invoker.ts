import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { AwsSettings } from './env.ts';

export interface FunctionInvoker {
  /**
   * Invokes a function and waits for its JSON answer.
   * @throws when the function failed (its error's message) or could not be reached
   */
  invoke(functionName: string, payload: unknown): Promise<unknown>;
  /** Has a function invoked some time soon, and waits for nothing but that. @throws when that could not be done */
  start(functionName: string, payload: unknown): Promise<void>;
}

/** The SDK is loaded at the first invocation: few requests need it, and it would cost every cold start. */
export function createFunctionInvoker({ aws }: { aws: AwsSettings }): FunctionInvoker {
  let loaded: Promise<{ client: LambdaClient; InvokeCommand: typeof import('@aws-sdk/client-lambda').InvokeCommand }>;
  const load = async (): ReturnType<() => typeof loaded> => {
    const { LambdaClient: Client, InvokeCommand } = await import('@aws-sdk/client-lambda');
    const client = new Client({
      region: aws.region,
      ...(aws.endpoints.lambda && { endpoint: aws.endpoints.lambda }),
      credentials: async () => {
        const { sessionToken, ...keys } = aws.credentials();
        return { ...keys, ...(sessionToken && { sessionToken }), expiration: new Date(Date.now() + 300_000) };
      },
      // A second invocation would be a second run.
      maxAttempts: 1,
    });
    return { client, InvokeCommand };
  };
  const send = async (functionName: string, payload: unknown, type: 'RequestResponse' | 'Event') => {
    loaded ??= load();
    const { client, InvokeCommand } = await loaded;
    const Payload = new TextEncoder().encode(JSON.stringify(payload));
    return client.send(new InvokeCommand({ FunctionName: functionName, InvocationType: type, Payload }));
  };
  return {
    async start(functionName, payload) {
      await send(functionName, payload, 'Event');
    },
    async invoke(functionName, payload) {
      const answer = await send(functionName, payload, 'RequestResponse');
      const text = answer.Payload ? new TextDecoder().decode(answer.Payload) : '';
      const result: unknown = text === '' ? null : JSON.parse(text);
      if (answer.FunctionError) {
        const message = (result as { errorMessage?: unknown } | null)?.errorMessage;
        throw new Error(`${functionName} failed: ${typeof message === 'string' ? message : answer.FunctionError}`);
      }
      return result;
    },
  };
}
