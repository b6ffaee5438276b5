import type { credentialTest, credentialTestReport } from '@sluice/contract/credential-tests';
import type { TestedModel } from '@sluice/core/credentials/check/upstream-call';
import { displayState } from '@sluice/core/credentials/display-state';
import { shownOf } from '@sluice/core/credentials/list-shown';
import type { Credential, Upstream } from '@sluice/core/credentials/store';
import { CONVERSATION_FORMATS, type FormatName } from '@sluice/llm/formats/format-name';
import { featuresOf } from '@sluice/llm/formats/model-features';
import type { z } from 'zod';
import { spentOf } from './credential-spent.ts';
import { notFound } from '../refusal.ts';
import { success, type Answer, type Call, type Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';

/** One call under a credential, by the vault: a success reactivates it. */
export async function testCredential(
  services: AdminServices,
  call: Call<z.infer<typeof credentialTest>, Record<string, never>, Caller>,
): Promise<Answer> {
  const { upstream: upstreamName = '', id = '' } = call.params;
  const [upstream, credential] = await Promise.all([
    services.vault.findUpstream(upstreamName),
    services.vault.findCredential(upstreamName, id),
  ]);
  if (!upstream || !credential) throw notFound('credential of this id');
  const model = call.body.listOnly ? null : await modelToTest(services, upstream, call.body.model);
  const key = { upstream: upstreamName, credentialId: id };
  const report = await services.askTest(key, { model, who: call.caller.user.username });
  const shown = await stateOf(services, credential);
  const answer: z.infer<typeof credentialTestReport> = {
    ...report,
    model: model?.name ?? null,
    state: shown.state,
    stateReason: shown.reason,
    stateUntil: shown.until === null ? null : new Date(shown.until).toISOString(),
  };
  return success(answer);
}

async function stateOf(services: AdminServices, credential: Credential) {
  const { upstream, id, kind } = credential;
  const [states, rows, spent] = await Promise.all([
    services.poolStates.listStatesOf(upstream, id),
    kind === 'oauth' ? services.tokens.findMany([{ upstream, credentialId: id }]) : [],
    spentOf(services, credential),
  ]);
  return displayState({ ...shownOf(credential, rows[0] ?? null), spent }, states, services.clock());
}

/** Null: no model is known there. */
async function modelToTest(
  services: AdminServices,
  upstream: Upstream,
  asked: string | undefined,
): Promise<TestedModel | null> {
  const format = (CONVERSATION_FORMATS as readonly string[]).includes(upstream.format)
    ? (upstream.format as FormatName)
    : null;
  if (format === null) return null;
  const models = await services.catalog.listModels();
  const wanted = asked === undefined ? models : models.filter(({ name }) => name === asked);
  const route = wanted.flatMap(({ routes }) => routes).find((one) => one.upstream === upstream.name);
  const name = route?.model ?? asked;
  if (name === undefined) return null;
  const { outputCapField } = featuresOf(route?.features, { format, vendor: upstream.vendor, maxOutputTokens: null });
  return { name, outputCapField };
}
