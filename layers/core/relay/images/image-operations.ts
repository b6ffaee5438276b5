import { decodeRequestBody } from '@sluice/kit/http/content-encoding';
import type { ImageRequest, ResponseFormat } from '@sluice/llm/images/image';
import { imageMethodOf } from '../../catalog/image-method.ts';
import type { Settings } from '../../catalog/store.ts';
import { createAnswer, type AnswerDeps } from '../answer.ts';
import { assertModelAllowed, mayUse, type Authenticate } from '../authenticate.ts';
import { MOST_DECODED_BYTES, type Exchange } from '../exchange.ts';
import type { Relay } from '../relay.ts';
import type { Router } from '../route.ts';
import { assertDraws, type Drawing } from './drawing.ts';
import { createImagesDrawing } from './images-drawing.ts';
import { createImagesFormat } from './images-format.ts';

export interface ImageOperationDeps extends AnswerDeps {
  authenticate: Authenticate;
  router: Pick<Router, 'listModels' | 'route' | 'settings'>;
  relay: Relay;
}

type Operation = ImageRequest['operation'];

/** `POST /v1/images/generations` and `/v1/images/edits`. @throws GatewayError */
export async function drawImages(deps: ImageOperationDeps, exchange: Exchange, operation: Operation): Promise<void> {
  const drawing = await beginDrawing(deps, exchange, operation);
  exchange.drawing = drawing;
  exchange.format = createImagesFormat(operation, drawing);
  // Contracts tell a stream's client of every failure in the stream.
  exchange.tellInBand = exchange.format.encodeStreamError;
  return deps.relay(exchange);
}

/**
 * What the same request would be refused for at once: for one that is done later.
 * @throws GatewayError
 */
export async function checkImageRequest(
  deps: ImageOperationDeps,
  exchange: Exchange,
): Promise<{ model: string; stream: boolean }> {
  const operation = exchange.request.path.includes('/edits') ? 'edit' : 'generate';
  const drawing = await beginDrawing(deps, exchange, operation);
  const { model, stream } = drawing.read();
  const { caller } = exchange;
  if (caller !== null) {
    assertModelAllowed(caller.key, model);
    assertDraws(await deps.router.route(model, { userId: caller.user.id, channel: caller.key.channel, seed: () => 0 }));
  }
  return { model, stream };
}

async function beginDrawing(
  { authenticate, router }: ImageOperationDeps,
  exchange: Exchange,
  operation: Operation,
): Promise<Drawing> {
  const caller = (exchange.caller ??= await authenticate(exchange.request, exchange.startedAt));
  exchange.request = await decodeRequestBody(exchange.request, MOST_DECODED_BYTES);
  const [models, settings] = await Promise.all([router.listModels(caller.key.channel), router.settings()]);
  const usual = models.find((model) => model.class === 'image' && mayUse(caller.key, model.name));
  return createImagesDrawing(exchange, {
    operation,
    defaultModel: usual?.name ?? null,
    imageFormat: imageFormatOf(settings),
  });
}

/** Of pictures whose client does not say how it wants them: live pages show bytes, others follow addresses. */
function imageFormatOf(settings: Settings): ResponseFormat {
  const isLive = imageMethodOf(settings.imageGenerationMethod) !== 'legacy';
  return isLive && settings.imageFormat === 'url' ? 'b64_json' : settings.imageFormat;
}

/** `GET /v1/images/method`: by it a page decides whether it shows pictures as they come. @throws GatewayError */
export async function getImageMethod(deps: ImageOperationDeps, exchange: Exchange): Promise<void> {
  exchange.caller ??= await deps.authenticate(exchange.request, exchange.startedAt, 'account');
  const { imageGenerationMethod } = await deps.router.settings();
  const told = { image_generation_method: imageMethodOf(imageGenerationMethod) };
  const body = Buffer.from(JSON.stringify(told));
  const answer = createAnswer(deps, exchange);
  answer.head(200, { 'content-type': 'application/json', 'content-length': String(body.length) });
  await answer.aside(body);
  await answer.end();
}
