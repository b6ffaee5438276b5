import { isGatewayError, type GatewayError } from '@sluice/kit/errors/gateway-error';
import type { UpstreamCall } from '@sluice/kit/http/upstream-client';
import type { CallAddress } from '@sluice/llm/upstreams/vendor';
import type { Candidate } from './candidates.ts';
import type { Exchange } from './exchange.ts';
import type { Interpreter, Language } from './interpreter.ts';
import { headersForUpstream } from './passed-headers.ts';
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
  interpreter: Interpreter;
  plan: Plan;
}

/** The call to a candidate in its language. An error says why it cannot be told what the client wants. */
export async function prepareCall(
  deps: PrepareDeps,
  { exchange, interpreter, plan }: Asked,
  { candidate, outputCap }: { candidate: Candidate; outputCap: number | null },
): Promise<{ language: Language; call: UpstreamCall } | GatewayError> {
  try {
    const language = interpreter.speakTo(candidate, outputCap);
    const { signing, ...address } = candidate.address.address({
      operation: language.operation,
      model: candidate.model,
    });
    const headers = { ...prepareHeaders(exchange, candidate, language.isSame), ...address.headers };
    if (language.contentType !== undefined) headers['content-type'] = language.contentType;
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

/** The version whose answers the format's decoder reads, where the client does not say its own. */
const ANTHROPIC_VERSION = '2023-06-01';

/** Of the client's headers only what describes the call; what steers a format goes to upstreams that speak it. */
export function prepareHeaders(
  { request, format }: Exchange,
  candidate: Candidate,
  isSame: boolean,
): Record<string, string> {
  const headers = headersForUpstream(request.headers, isSame ? format.name : null);
  if (candidate.format === 'anthropic-messages') headers['anthropic-version'] ??= ANTHROPIC_VERSION;
  return headers;
}
