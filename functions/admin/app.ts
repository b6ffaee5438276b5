import { listIssues } from '@sluice/contract/issues';
import { roleHas } from '@sluice/core/identity/permissions';
import { GatewayError, isGatewayError } from '@sluice/kit/errors/gateway-error';
import { answerIds } from '@sluice/kit/http/answer-ids';
import { decodeRequestBody } from '@sluice/kit/http/content-encoding';
import type { PlainRequest, PlainResponse } from '@sluice/kit/http/exchange';
import { readJsonBody } from '@sluice/kit/http/json-body';
import { encodeFailure, toGatewayError } from '@sluice/kit/http/path-envelopes';
import type { z } from 'zod';
import { createAuditedRun } from './audit.ts';
import { authenticate, checkPageOrigin } from './authenticate.ts';
import { InputRefused } from './refusal.ts';
import type { AdminRoute, Answer, Caller } from './route.ts';
import { createTemplateRouter } from './router.ts';
import { ROUTES } from './routes.ts';
import type { AdminServices } from './services.ts';

/** Rows that take documents say more, those that take a password less. */
const MOST_BODY_BYTES = 1024 * 1024;

/** One request of the control plane: find the route, the caller, their permission, the input; run; answer. */
export function createAdmin(services: AdminServices): (request: PlainRequest) => Promise<PlainResponse> {
  const findRoute = createTemplateRouter(ROUTES);
  const run = createAuditedRun(services, ROUTES);
  return async (request) => {
    const extra: Record<string, string> = answerIds(request, services.clock(), services.buildId);
    try {
      const answer = await handle({ services, run }, request, findRoute(request.method, request.path), extra);
      return finish(request, answer, extra);
    } catch (thrown) {
      const failure = encodeThrown(services, request, thrown, extra['x-sluice-request-id']);
      return { ...failure, headers: { ...failure.headers, ...extra } };
    }
  };
}

type Found = ReturnType<ReturnType<typeof createTemplateRouter<AdminRoute>>>;

async function handle(
  { services, run }: { services: AdminServices; run: ReturnType<typeof createAuditedRun> },
  request: PlainRequest,
  found: Found,
  extra: Record<string, string>,
): Promise<Answer> {
  if (found === null) throw new GatewayError('not_found', { message: `There is no ${request.path} here.` });
  if ('allow' in found) {
    const allow = found.allow.join(', ');
    throw new GatewayError('method_not_allowed', {
      message: `${request.path} takes ${allow}, not ${request.method}.`,
      headers: { allow },
    });
  }
  const { row, params } = found;
  // What begins or ends a cookie session is a write that no other site may make for a visitor either.
  if (row.access === 'public') checkPageOrigin(request);
  const caller = row.access === 'public' ? null : await admit(services, request, row.access, extra);
  const query = parseInput(row.query, queryOf(request, row.query), 'query');
  const body = parseInput(row.body, row.body ? await readBody(request, row.maxBodyBytes) : undefined, 'body');
  return run(row, { body, query, params, caller, request, audit: {} }, extra['x-sluice-request-id'] ?? '');
}

async function admit(
  services: AdminServices,
  request: PlainRequest,
  permission: Exclude<AdminRoute['access'], 'public'>,
  extra: Record<string, string>,
): Promise<Caller> {
  const { caller, setCookie } = await authenticate(services, request);
  if (setCookie !== null) extra['set-cookie'] = setCookie;
  if (!roleHas(caller.user.role, permission)) {
    throw new GatewayError('forbidden', { message: 'Your role does not permit this.' });
  }
  return caller;
}

async function readBody(request: PlainRequest, maxBytes = MOST_BODY_BYTES): Promise<unknown> {
  if (request.body.length > maxBytes) {
    throw new GatewayError('body_too_large', { message: `This path takes no more than ${maxBytes} bytes.` });
  }
  return readJsonBody(await decodeRequestBody(request, maxBytes));
}

/** A form sends the fields that nobody filled in as empty texts: where such a text says nothing, it asks for nothing. */
function queryOf({ query }: PlainRequest, schema: z.ZodObject | null): Record<string, string> {
  const asks = ([name, value]: [string, string]): boolean =>
    value !== '' || (schema?.shape[name] as z.ZodType | undefined)?.safeParse('').success === true;
  return Object.fromEntries([...new URLSearchParams(query)].filter(asks));
}

function parseInput(schema: z.ZodType | null, input: unknown, what: 'query' | 'body'): unknown {
  if (!schema) return what === 'query' ? {} : undefined;
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  if (input === undefined) throw new InputRefused([{ path: '$', message: 'This call needs a JSON body' }]);
  throw new InputRefused(listIssues(parsed.error));
}

function finish(request: PlainRequest, answer: Answer, extra: Record<string, string>): PlainResponse {
  const isJson = 'json' in answer;
  const headers = {
    'cache-control': 'no-store',
    ...(isJson ? { 'content-type': 'application/json; charset=utf-8' } : {}),
    ...extra,
    ...answer.headers,
  };
  const body = isJson ? JSON.stringify(answer.json) : answer.text;
  return { status: answer.status ?? 200, headers, body: request.method === 'HEAD' ? '' : body };
}

function encodeThrown(
  services: AdminServices,
  request: PlainRequest,
  thrown: unknown,
  requestId: string | undefined,
): PlainResponse {
  const error = toGatewayError(thrown);
  if (error.status >= 500) {
    const { code, internal } = error;
    services.log.error('admin_failure', { request_id: requestId, code, path: request.path, internal });
  }
  const errors = isGatewayError(thrown) && 'errors' in thrown ? (thrown as InputRefused).errors : fieldAtFault(error);
  const failure = encodeFailure({ ...request, publicApiPrefix: null, error, requestId, errors });
  return request.method === 'HEAD' ? { ...failure, body: '' } : failure;
}

/** A rule refuses one field at a time, and names it as a schema does. */
function fieldAtFault({ code, param, message }: GatewayError): { path: string; message: string }[] | undefined {
  return code === 'invalid_field' && param !== undefined ? [{ path: param, message }] : undefined;
}
