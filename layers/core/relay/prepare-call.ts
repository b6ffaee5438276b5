import { isGatewayError, type GatewayError } from '@sluice/kit/errors/gateway-error';
import type { UpstreamCall } from '@sluice/kit/http/upstream-client';
import type { RequestFacts } from '@sluice/llm/formats/wire-format';
import type { CallAddress } from '@sluice/llm/upstreams/vendor';
import type { Candidate } from './candidates.ts';
import type { Exchange } from './exchange.ts';
import type { Interpreter, Language } from './language.ts';
import type { Plan } from './route.ts';

/** The headers that sign a call for AWS with the function's own role. */
export type SignUpstream = (
  call: { origin: string; path: string; headers: Readonly<Record<string, string>>; body: Buffer },
  signing: NonNullable<CallAddress['signing']>,
) => Promise<Record<string, string>>;

export interface PrepareDeps {
  signUpstream: SignUpstream;
}

interface Asked {
  exchange: Exchange;
  facts: RequestFacts;
  interpreter: Interpreter;
  plan: Plan;
}

/** The call to a candidate in its language. An error says why it cannot be told what the client wants. */
export async function prepareCall(
  deps: PrepareDeps,
  { exchange, facts, interpreter, plan }: Asked,
  { candidate, outputCap }: { candidate: Candidate; outputCap: number | null },
): Promise<{ language: Language; call: UpstreamCall } | GatewayError> {
  try {
    const language = interpreter.speakTo(candidate, outputCap);
    const { signing, ...address } = candidate.address.address({
      operation: facts.stream ? 'stream' : 'generate',
      model: candidate.model,
    });
    const headers = { ...prepareHeaders(exchange, candidate, language.isSame), ...address.headers };
    const signed = signing && (await deps.signUpstream({ ...address, headers, body: language.body }, signing));
    const call: UpstreamCall = {
      ...address,
      method: 'POST',
      headers: signed ? { ...headers, ...signed } : headers,
      body: language.body,
      proxyUrl: candidate.proxyUrl,
      allowedNetworks: plan.settings.allowedUpstreamNetworks,
    };
    return { language, call };
  } catch (error) {
    if (isGatewayError(error)) return error;
    throw error;
  }
}

const PASSED_REQUEST_HEADERS = ['accept', 'user-agent'];
/** What steers the format itself, for upstreams that speak it too. */
const FORMAT_HEADERS = ['openai-beta', 'anthropic-version', 'anthropic-beta'];

/** Of the client's headers only what describes the call; the rest is about the client's way to us. */
export function prepareHeaders({ request }: Exchange, { format }: Candidate, isSame: boolean): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (format === 'anthropic-messages') headers['anthropic-version'] = '2023-06-01';
  for (const name of isSame ? [...PASSED_REQUEST_HEADERS, ...FORMAT_HEADERS] : PASSED_REQUEST_HEADERS) {
    const value = request.headers[name];
    if (value !== undefined) headers[name] = value;
  }
  return headers;
}
