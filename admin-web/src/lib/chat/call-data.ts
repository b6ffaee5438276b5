import { ApiError } from '../api-client.ts';

export interface DataCall {
  path: string;
  apiKey: string;
  body?: unknown;
  signal?: AbortSignal | undefined;
}

/** A refusal of the data plane, with the id that it stands in the log by. */
export class DataError extends ApiError {
  readonly requestId: string | null;

  constructor(facts: { status: number; code: string; message: string; requestId: string | null }) {
    super(facts);
    this.requestId = facts.requestId;
  }
}

/** Calls the data plane as any client does. @throws DataError with the sentence of the OpenAI error object */
export async function callData({ path, apiKey, body, signal }: DataCall): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${apiKey}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError({ status: 0, code: 'unreachable', message: 'The gateway did not answer.' });
  }
  if (response.ok) return response;
  const { message, code } = errorOf(await response.text());
  throw new DataError({
    // What the console says of a 403 of its own API would be wrong here.
    status: response.status === 403 ? 400 : response.status,
    code: code ?? `status_${response.status}`,
    message: message ?? `HTTP ${response.status}`,
    requestId: response.headers.get('x-sluice-request-id'),
  });
}

/** https://platform.openai.com/docs/guides/error-codes */
function errorOf(text: string): { message: string | undefined; code: string | undefined } {
  try {
    const { error } = JSON.parse(text) as { error?: { message?: string; code?: string } };
    return { message: error?.message, code: error?.code };
  } catch {
    return { message: undefined, code: undefined };
  }
}
