import type { Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { StreamedAnswer } from './function-url.ts';

/** What the Lambda runtime gives to streaming handlers (https://docs.aws.amazon.com/lambda/latest/dg/config-rs-write-functions.html). */
interface LambdaRuntime {
  streamifyResponse<Handler>(handler: Handler): Handler;
  HttpResponseStream: { from(stream: Writable, prelude: Omit<StreamedAnswer, 'body' | 'settled'>): Writable };
}

function runtime(): LambdaRuntime {
  return (globalThis as unknown as { awslambda: LambdaRuntime }).awslambda;
}

/**
 * A handler whose answer is streamed: what `answer` resolves to is written to the runtime's stream.
 *
 * An answer that breaks off must not take the runtime's stream with it: that is the connection to Lambda's own API,
 * whose loss ends the process, settlement and all. The runtime is told by a throw when everything has been settled,
 * and reports the failure behind the bytes that went (trailers of aws-lambda-ric's response).
 */
export function streamAnswers(
  answer: (event: unknown, context: unknown) => Promise<StreamedAnswer | string>,
): (event: unknown, context?: unknown) => Promise<unknown> {
  const handler = async (event: unknown, stream: Writable, context: unknown): Promise<void> => {
    const answered = await answer(event, context);
    if (typeof answered === 'string') return writeWhole(stream, answered);
    const { body, settled, ...prelude } = answered;
    const response = runtime().HttpResponseStream.from(stream, prelude);
    // The prelude goes with the first write, which may be empty.
    response.write('');
    if (typeof body === 'string') return writeWhole(response, body);
    try {
      await pipeUnbroken(body, response);
    } catch (error) {
      await settled?.catch(() => undefined);
      throw error;
    }
  };
  return runtime().streamifyResponse(handler as unknown as (event: unknown) => Promise<unknown>);
}

async function writeWhole(response: Writable, text: string): Promise<void> {
  response.end(text);
  await finished(response, { readable: false });
}

/** `pipeline`, but a source that fails leaves the destination open. */
async function pipeUnbroken(body: Readable, response: Writable): Promise<void> {
  const broken = Promise.withResolvers<never>();
  if (body.errored) throw body.errored;
  body.once('error', broken.reject);
  body.pipe(response);
  try {
    await Promise.race([finished(response, { readable: false }), broken.promise]);
  } catch (error) {
    body.unpipe(response);
    // The other way round, a host that breaks the body off is made known to who writes it.
    body.destroy();
    throw error;
  }
}
