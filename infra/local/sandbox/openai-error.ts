/** OpenAI's error object: https://platform.openai.com/docs/guides/error-codes/api-errors */
export class OpenAiError extends Error {
  readonly status: number;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;

  constructor(facts: { status: number; message: string; type?: string; param?: string; code?: string }) {
    super(facts.message);
    this.status = facts.status;
    this.type = facts.type ?? 'invalid_request_error';
    this.param = facts.param ?? null;
    this.code = facts.code ?? null;
  }
}

export function errorBody(error: OpenAiError): string {
  return JSON.stringify({
    error: { message: error.message, type: error.type, param: error.param, code: error.code },
  });
}

/** The errors that a vendor raises by itself, as a directive asks for them by status. */
export function faultOf(status: number, model: string): OpenAiError {
  if (status === 429) {
    const message = `Rate limit reached for ${model} in organization org-sandbox on requests per min (RPM): Limit 3, Used 3, Requested 1.`;
    return new OpenAiError({ status, message, type: 'requests', code: 'rate_limit_exceeded' });
  }
  if (status === 401) {
    return new OpenAiError({ status, message: 'Incorrect API key provided.', code: 'invalid_api_key' });
  }
  if (status === 404) {
    const message = `The model \`${model}\` does not exist or you do not have access to it.`;
    return new OpenAiError({ status, message, code: 'model_not_found' });
  }
  if (status >= 500) {
    const message = 'The server had an error while processing your request. Sorry about that!';
    return new OpenAiError({ status, message, type: 'server_error' });
  }
  const message = `The sandbox was asked to refuse this request with status ${status}.`;
  return new OpenAiError({ status, message, param: 'messages', code: 'sandbox_refusal' });
}
