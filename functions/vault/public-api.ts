import type { MachineGuard } from '@sluice/core/credentials/vending/machine-guard';
import type { MachineSecret } from '@sluice/core/credentials/vending/machine-secret';
import type { TokenQuestion, TokenVending, VendingOutcome } from '@sluice/core/credentials/vending/vending';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { PlainRequest, PlainResponse } from '@sluice/kit/http/exchange';
import { readJsonBody } from '@sluice/kit/http/json-body';
import type { Logger } from '@sluice/kit/log/logger';
import { z } from 'zod';
import { jsonAnswer, type VaultRow } from './answers.ts';

/*
 * Tokens for machines (contracts.md §3.1): `X-API-Secret` opens it, every answer is `{success, msg, data?}`.
 */

export interface PublicApiPorts {
  /** E.g. `/public-api`. */
  prefix: string;
  guard: MachineGuard;
  vending: TokenVending;
  /** What has to work for the vault to be healthy. */
  checkHealth: () => Promise<unknown>;
  log: Pick<Logger, 'info'>;
}

const MOST_BODY_BYTES = 64 * 1024;
const LONGEST_NAME = 320;

const name = z.string().trim().max(LONGEST_NAME).nullish();
const question = z.object({ biz_id: name, email: name });

export function publicRows(ports: PublicApiPorts): VaultRow[] {
  const { prefix, guard, vending, checkHealth } = ports;
  const tokens =
    (way: 'refresh' | 'get-at', ask: (question: TokenQuestion) => Promise<VendingOutcome>) =>
    async (request: PlainRequest): Promise<PlainResponse> => {
      const machine = await guard.admit(request.headers['x-api-secret']);
      const outcome = await ask(readQuestion(request));
      logOutcome(ports, { machine, way, outcome });
      return answerOf(way, outcome);
    };
  return [
    {
      method: 'GET',
      path: `${prefix}/health`,
      async run(request) {
        await guard.admit(request.headers['x-api-secret']);
        await checkHealth();
        return jsonAnswer(200, { success: true, msg: 'The vault is up.' });
      },
    },
    { method: 'POST', path: `${prefix}/refresh`, run: tokens('refresh', (asked) => vending.refresh(asked)) },
    { method: 'POST', path: `${prefix}/get-at`, run: tokens('get-at', (asked) => vending.getAccessToken(asked)) },
  ];
}

/** @throws GatewayError 400 when neither is given */
function readQuestion(request: PlainRequest): TokenQuestion {
  if (request.body.length > MOST_BODY_BYTES) {
    throw new GatewayError('body_too_large', { message: `This path takes no more than ${MOST_BODY_BYTES} bytes.` });
  }
  // Whatever the type says, it is JSON: `curl -d` calls every body a form.
  const headers = { ...request.headers, 'content-type': 'application/json' };
  const asked = question.safeParse(readJsonBody({ ...request, headers }) ?? {});
  if (!asked.success) {
    const field = asked.error.issues[0]?.path.join('.');
    const message = field ? `${field} has to be a text of no more than ${LONGEST_NAME} characters.` : 'Send an object.';
    throw new GatewayError('invalid_field', { message, param: field });
  }
  const bizId = asked.data.biz_id || null;
  const email = asked.data.email || null;
  if (bizId === null && email === null) throw new GatewayError('bad_request', { message: 'Send biz_id or email.' });
  return { bizId, email };
}

function answerOf(way: 'refresh' | 'get-at', outcome: VendingOutcome): PlainResponse {
  switch (outcome.outcome) {
    case 'found': {
      const { bizId, email, accessToken, refreshToken, tier, name: userName } = outcome.tokens;
      const msg = way === 'refresh' ? 'The token is refreshed.' : 'The token as it is stored.';
      const data = { access_token: accessToken, refresh_token: refreshToken, type: tier, user_name: userName };
      return jsonAnswer(200, { success: true, msg, data: { biz_id: bizId, email, ...data } });
    }
    case 'not-found':
      return jsonAnswer(404, { success: false, msg: 'There is no such credential.' });
    case 'not-refreshed': {
      const { because, text, bizId, email } = outcome;
      const data = { biz_id: bizId, email, outcome: because, refresh_result: text };
      const status = because === 'store-unavailable' ? 503 : 500;
      return jsonAnswer(status, { success: false, msg: `The token was not refreshed: ${text}`, data });
    }
  }
}

/** Who got whose tokens, and not what they are. */
function logOutcome(
  { log }: PublicApiPorts,
  { machine, way, outcome }: { machine: MachineSecret; way: string; outcome: VendingOutcome },
): void {
  const who = 'who' in outcome ? { upstream: outcome.who.upstream, credential_id: outcome.who.id } : {};
  const result = outcome.outcome === 'not-refreshed' ? outcome.because : outcome.outcome;
  log.info('tokens_asked', { machine: machine.name, way, outcome: result, ...who });
}
