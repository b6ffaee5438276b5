import { mapLimited } from '@sluice/kit/async/map-limited';
import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { NO_FIGURES, type UsageFigures } from '@sluice/llm/formats/usage-figures';
import { imageDriverOf } from '@sluice/llm/images/drivers';
import type { ImageRequest } from '@sluice/llm/images/image';
import { isPolicyText } from '@sluice/llm/images/policy';
import { STREAM_HEADERS } from '../answer.ts';
import { attempt } from '../attempt.ts';
import type { Candidate } from '../candidates.ts';
import type { CredentialLimits } from '../credential-limits.ts';
import { nothingServed, type Served } from '../served.ts';
import { createDrawInterpreter, type DrawDeps, type DrawRequest } from './draw-interpreter.ts';
import type { DrawnAnswer } from './drawn.ts';
import { createHarvest, type Harvest } from './harvest.ts';
import { createInnerAnswer, type InnerRefusal } from './inner-answer.ts';
import { resolveInputs } from './resolve-inputs.ts';
import { lengthOf, sendPieces } from './send-pieces.ts';

/** One upstream call and what came of it. */
interface Drawn {
  served: Served;
  harvest: Harvest;
  refusal: InnerRefusal | null;
}

/**
 * Has pictures drawn, by as many calls as it takes, keeps them, and tells the client. Fewer than asked for are told as
 * they are.
 * @throws GatewayError when nothing could be asked
 */
export async function draw(deps: DrawDeps, request: DrawRequest): Promise<Served> {
  const { drawing, exchange, plan, answer } = request;
  const wanted = drawing.read();
  const resolved = await resolveInputs(deps, { request: wanted, exchange, plan });
  const calls = splitCalls(wanted.n, mostPerCall(plan.candidates));
  const limits = shareLimits(request.limits);
  const drawn = await mapLimited(calls, wanted.concurrency, (call) =>
    drawOne(deps, { ...request, limits }, resolved, call),
  );
  const whole = join(drawn, Math.floor(exchange.startedAt / 1000));
  if (whole.images.length === 0) return tellRefusal(request, drawn);
  if (whole.images.length < wanted.n) exchange.warnings.push(`${whole.images.length} of ${wanted.n} images were made`);
  const pieces = await drawing.tellWhole(whole);
  const owner = exchange.caller?.user.id ?? '';
  const own = drawing.stream
    ? STREAM_HEADERS
    : { 'content-type': 'application/json', 'content-length': String(lengthOf(pieces)) };
  answer.head(200, own);
  const served = joinServed(drawn);
  try {
    await sendPieces(answer, { media: deps.media, owner }, pieces);
  } catch (cause) {
    const message = 'A picture that was made could not be read back.';
    answer.fail(new GatewayError('store_unavailable', { message, cause }));
    return { ...served, error: 'store_unavailable', extent: 'partial' };
  }
  return served;
}

/** Pictures of one call, and how many stand before them. */
interface CallShare {
  n: number;
  firstIndex: number;
}

function splitCalls(n: number, most: number): CallShare[] {
  const shares: CallShare[] = [];
  for (let firstIndex = 0; firstIndex < n; firstIndex += most) {
    shares.push({ n: Math.min(most, n - firstIndex), firstIndex });
  }
  return shares;
}

/** Whoever is asked in the end must be able to bring a call's whole share. */
function mostPerCall(candidates: readonly Candidate[]): number {
  const each = candidates.flatMap(({ address }) =>
    address.images ? [imageDriverOf(address.images.dialect).mostPerCall] : [],
  );
  return Math.min(...each, 10);
}

async function drawOne(
  deps: DrawDeps,
  request: DrawRequest,
  resolved: ImageRequest,
  { n, firstIndex }: CallShare,
): Promise<Drawn> {
  const harvest = createHarvest();
  const answer = createInnerAnswer(request.answer);
  const interpreter = createDrawInterpreter(
    deps,
    { ...request, answer },
    { request: resolved, n, firstIndex, harvest },
  );
  const served = await attempt(deps, { ...request, answer, interpreter });
  return { served, harvest, refusal: answer.refusal() };
}

/** Calls of one request that go to the same credential take from it once. */
function shareLimits(limits: CredentialLimits): CredentialLimits {
  const taken = new Map<string, { users: number; taking: ReturnType<CredentialLimits['take']> }>();
  return {
    outputCap: null,
    take(candidate) {
      const known = taken.get(candidate.credentialId);
      if (known !== undefined) {
        known.users += 1;
        return known.taking;
      }
      const taking = limits.take(candidate);
      taken.set(candidate.credentialId, { users: 1, taking });
      return taking;
    },
    async giveBack(candidate) {
      const known = taken.get(candidate.credentialId);
      if (known === undefined) return;
      known.users -= 1;
      if (known.users > 0) return;
      taken.delete(candidate.credentialId);
      await limits.giveBack(candidate);
    },
  };
}

function join(drawn: readonly Drawn[], now: number): DrawnAnswer {
  const harvests = drawn.map(({ harvest }) => harvest);
  return {
    images: harvests.flatMap(({ images }) => images),
    text: harvests.map(({ text }) => text).join(''),
    usage: sumOf(harvests.map(({ usage }) => usage)),
    created: harvests.find(({ created }) => created !== null)?.created ?? now,
    settings: Object.assign({}, ...harvests.map(({ settings }) => settings)) as Record<string, string>,
  };
}

function sumOf(reports: readonly (UsageFigures | null)[]): UsageFigures | null {
  const known = reports.filter((report) => report !== null);
  if (known.length === 0) return null;
  const sum: UsageFigures = { ...NO_FIGURES };
  for (const report of known) for (const part of PARTS) sum[part] += report[part];
  return sum;
}

const PARTS = Object.keys(NO_FIGURES) as (keyof UsageFigures)[];

/** What the ledger is told of all calls together: those that brought nothing cost nothing, unless they were cut. */
function joinServed(drawn: readonly Drawn[]): Served {
  const best = drawn.find(({ harvest }) => harvest.images.length > 0) ?? drawn[0];
  if (best === undefined) return nothingServed(0, null);
  const isWhole = drawn.every(({ served }) => served.extent === 'complete');
  const usage = sumOf(drawn.map(({ served }) => served.usage));
  return { ...best.served, usage, usageIsFinal: true, extent: isWhole ? 'complete' : 'partial' };
}

/** Nothing was drawn: the client is told why, in the upstream's words where it may read them. */
function tellRefusal({ answer, exchange, drawing }: DrawRequest, drawn: readonly Drawn[]): Served {
  const told = drawn.find(({ refusal }) => refusal !== null) ?? drawn[0];
  const refusal = told?.refusal ?? null;
  if (told === undefined || refusal === null) return told?.served ?? nothingServed(0, null);
  const policy = policyErrorOf(refusal, exchange.format.decodeErrorMessage);
  if (policy !== null || refusal.kind === 'error') {
    const error = policy ?? withoutRetry((refusal as { error: GatewayError }).error);
    if (drawing.stream && exchange.tellInBand !== null) answer.head(200, STREAM_HEADERS);
    const status = answer.committed ? 200 : error.status;
    answer.fail(error);
    return { ...told.served, status, error: error.code };
  }
  answer.head(refusal.status, refusal.headers);
  void answer.aside(refusal.body);
  return told.served;
}

/** After these the upstream may have drawn, and would be paid again: SDKs are not to ask anew by themselves. */
const MAY_BE_PAID: ReadonlySet<string> = new Set([
  'internal_error',
  'store_unavailable',
  'upstream_cut',
  'upstream_timeout',
]);

function withoutRetry(error: GatewayError): GatewayError {
  if (!MAY_BE_PAID.has(error.code)) return error;
  const { code, message, param, internal, cause } = error;
  return new GatewayError(code, { message, param, internal, cause, headers: { 'x-should-retry': 'false' } });
}

/** Vendors tell in many codes that they will not draw something; clients know one. */
function policyErrorOf(refusal: InnerRefusal, sentenceOf: (body: Buffer) => string | null): GatewayError | null {
  const isTold = refusal.kind === 'told';
  const status = isTold ? refusal.status : refusal.error.status;
  const text = isTold ? refusal.body.toString() : refusal.error.message;
  if (status !== 400 || !isPolicyText(text)) return null;
  const message = isTold ? sentenceOf(refusal.body) : refusal.error.message;
  return new GatewayError('content_policy_violation', {
    message: message ?? 'The upstream refused to draw this by its content policy.',
  });
}
