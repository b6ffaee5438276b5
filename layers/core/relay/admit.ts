import type { RequestFacts } from '@sluice/llm/formats/wire-format';
import type { Model, Price } from '../catalog/store.ts';
import type { AdmissionRequest } from '../metering/admission.ts';
import { ACCOUNT_SCOPE, keyScope } from '../metering/measures.ts';
import type { MeteredRequest, Metering } from '../metering/metering.ts';
import { limitsOfUser } from '../metering/role-limits.ts';
import { dearestPrice } from '../metering/price.ts';
import type { OpenUsageEvent } from '../metering/store.ts';
import type { Caller } from './authenticate.ts';
import { readClientApp, type Exchange } from './exchange.ts';
import type { Plan } from './route.ts';

/** A mean of what tokenizers make of text and code; what nobody reports or can count is charged by it. */
const BYTES_PER_TOKEN = 3;

const DAY_MS = 24 * 3600_000;

export function estimateTokens(bytes: number): number {
  return Math.ceil(bytes / BYTES_PER_TOKEN);
}

/** What is known of a request before any upstream is called. */
export function describeRequest(
  exchange: Exchange,
  known: { caller: Caller; facts: RequestFacts; plan: Plan },
): OpenUsageEvent {
  const { caller, facts, plan } = known;
  return {
    requestId: exchange.requestId,
    userId: caller.user.id,
    keyId: caller.key.id,
    model: facts.model,
    format: exchange.format.name,
    stream: facts.stream,
    startedAt: exchange.startedAt,
    inputEstimate: estimateTokens(facts.textBytes ?? exchange.request.body.length) + facts.mediaTokens,
    priceVersion: plan.model.price?.version ?? null,
    clientRequestId: exchange.clientRequestId,
    clientApp: readClientApp(exchange.request.headers),
    expiresAt: exchange.startedAt + plan.settings.usageLogDays * DAY_MS,
  };
}

/** What a request may take, and by whose limits. */
export function describeAdmission(
  event: OpenUsageEvent,
  { caller, facts, plan }: { caller: Caller; facts: RequestFacts; plan: Plan },
): AdmissionRequest {
  const { key, user } = caller;
  const { model } = plan;
  return {
    requestId: event.requestId,
    accountId: user.id,
    scopes: [
      { owner: 'key', scope: keyScope(key.id), limits: key.limits },
      { owner: 'user', scope: ACCOUNT_SCOPE, limits: limitsOfUser(plan.settings, user) },
    ],
    class: model.class,
    demand: {
      inputTokens: event.inputEstimate,
      clientMaxOutput: facts.pictures === undefined ? facts.maxOutputTokens : tokensOfPicture(model),
      isWhole: facts.pictures !== undefined,
      modelMaxOutput: model.maxOutputTokens,
      choices: facts.pictures ?? facts.choices,
      units: facts.units ?? (model.class === 'image' ? facts.choices : 1),
      pieces: {
        images: model.class === 'image' ? (facts.pictures ?? facts.choices) : 0,
        videoSeconds: facts.videoSeconds ?? 0,
      },
      price: priceToHold(model),
    },
  };
}

/** What the dearest picture takes of tokens where they are what is paid: https://platform.openai.com/docs/guides/image-generation */
const TOKENS_OF_PICTURE = 6_400;

/** A picture that is paid by the piece is no text: nothing is held for its tokens. */
function tokensOfPicture({ price, routes }: Model): number {
  const prices = [price, ...routes.map((route) => route.price ?? null)].filter((one) => one !== null);
  const isByToken = prices.some(
    (one) => one.imageMicros === null && one.outputMicros + (one.imageOutputMicros ?? 0) > 0,
  );
  return isByToken ? TOKENS_OF_PICTURE : 1;
}

/** Who will serve it is not known yet: of several prices the dearest. */
function priceToHold({ price, routes }: Model): Price | null {
  if (!routes.some((route) => route.price)) return price;
  return dearestPrice(routes.map((route) => route.price ?? price));
}

/**
 * Lets a request in: its usage event is open and its hold is taken before any upstream is called (architecture.md §4).
 * Tells the client in headers where it stands.
 * @returns what one answer may have at most; null where no hard limit binds
 * @throws GatewayError the limit's refusal, `store_unavailable`; in either case the request must be settled
 */
export async function admit(metering: Metering, request: MeteredRequest, exchange: Exchange): Promise<number | null> {
  const admitted = await metering.admit(request);
  if (admitted === null) return null;
  exchange.surfaceHeaders = { ...exchange.surfaceHeaders, ...admitted.headers };
  if (admitted.outputCap !== null) exchange.warnings.push(`answer capped at ${admitted.outputCap} tokens`);
  return admitted.outputCap;
}
