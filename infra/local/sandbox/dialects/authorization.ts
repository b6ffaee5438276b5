import type { IncomingMessage } from 'node:http';
import { SANDBOX_CREDENTIAL } from '../demo-document.ts';
import { OpenAiError } from '../openai-error.ts';

export function checkBearer(request: IncomingMessage): void {
  const authorization = request.headers.authorization;
  if (authorization === undefined || !/^Bearer \S+$/.test(authorization)) {
    const message =
      "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth " +
      '(i.e. Authorization: Bearer YOUR_KEY).';
    throw new OpenAiError({ status: 401, message });
  }
  checkSecret(authorization.slice('Bearer '.length));
}

/** A key in a header of its own. */
export function checkHeader(request: IncomingMessage, name: string, missing: string): void {
  const secret = request.headers[name];
  if (typeof secret !== 'string' || secret === '') throw new OpenAiError({ status: 401, message: missing });
  checkSecret(secret);
}

function checkSecret(secret: string): void {
  if (secret.startsWith(SANDBOX_CREDENTIAL)) return;
  const shown = `${secret.slice(0, 3)}***${secret.slice(-4)}`;
  throw new OpenAiError({ status: 401, message: `Incorrect API key provided: ${shown}.`, code: 'invalid_api_key' });
}
