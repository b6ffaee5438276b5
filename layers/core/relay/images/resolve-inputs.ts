import { GatewayError, isGatewayError } from '@sluice/kit/errors/gateway-error';
import { mapLimited } from '@sluice/kit/async/map-limited';
import { publicOriginOf } from '@sluice/kit/http/public-origin';
import { checkPicture, MOST_IMAGE_BYTES } from '@sluice/llm/formats/openai-images/check-picture';
import type { ImageInput, ImageRequest } from '@sluice/llm/images/image';
import type { MediaStore } from '../../media/media-store.ts';
import { referenceOf } from '../../media/reference.ts';
import type { Exchange } from '../exchange.ts';
import type { Plan } from '../route.ts';
import { fetchPicture, type FetchDeps } from './fetch-picture.ts';

export interface ResolveDeps extends FetchDeps {
  media: MediaStore;
}

const AT_ONCE = 5;

/**
 * The request with its pictures read from where the client points to: what was uploaded here, and, unless every
 * upstream that may be asked fetches them by itself, addresses of others.
 * @throws GatewayError naming the field
 */
export async function resolveInputs<Wish extends Pick<ImageRequest, 'images' | 'mask'>>(
  deps: ResolveDeps,
  { request, exchange, plan }: { request: Wish; exchange: Exchange; plan: Plan },
): Promise<Wish> {
  const inputs = [...request.images, ...(request.mask === null ? [] : [request.mask])];
  if (inputs.every(({ source }) => source.kind !== 'url')) return request;
  const fetchesItself = plan.candidates.every(({ address }) => address.images?.dialect === 'xai');
  const origin = publicOriginOf(exchange.request.headers);
  const resolved = await mapLimited(inputs, AT_ONCE, (input) => {
    const { source } = input;
    if (source.kind !== 'url') return Promise.resolve(input);
    const reference = referenceOf(source.url, origin ?? '');
    if (reference !== null) return readUpload(deps, exchange, { input, reference });
    if (!/^https?:/i.test(source.url)) throw notFound(input, 'it is neither an address nor an upload of yours');
    return fetchesItself ? Promise.resolve(input) : readAddress(deps, plan, { input, url: source.url });
  });
  const images = resolved.slice(0, request.images.length);
  return { ...request, images, mask: resolved[request.images.length] ?? null };
}

async function readUpload(
  { media }: ResolveDeps,
  { caller }: Exchange,
  { input, reference }: { input: ImageInput; reference: string },
): Promise<ImageInput> {
  const opened = await media.openUpload(reference, caller?.user.id ?? '');
  const bytes = await collect(opened.body, opened.bytes);
  return checkPicture({ bytes, said: opened.contentType, name: input.name, path: input.path });
}

async function readAddress(
  deps: ResolveDeps,
  { settings }: Plan,
  { input, url }: { input: ImageInput; url: string },
): Promise<ImageInput> {
  try {
    const body = fetchPicture(deps, {
      url,
      allowedNetworks: settings.allowedUpstreamNetworks,
      proxyUrl: null,
      mostBytes: MOST_IMAGE_BYTES,
    });
    return checkPicture({
      bytes: await collect(body, 0),
      said: null,
      name: '',
      path: input.path,
    });
  } catch (error) {
    if (isGatewayError(error) && error.code === 'upstream_error') throw notFound(input, error.message);
    throw error;
  }
}

/** @param size where it is known: then the bytes are copied once and no second time */
async function collect(body: AsyncIterable<Uint8Array>, size: number): Promise<Buffer> {
  const whole = Buffer.allocUnsafe(size);
  const more: Uint8Array[] = [];
  let filled = 0;
  for await (const chunk of body) {
    if (filled + chunk.length <= size && more.length === 0) {
      whole.set(chunk, filled);
      filled += chunk.length;
    } else {
      more.push(chunk);
    }
  }
  return more.length === 0 ? whole.subarray(0, filled) : Buffer.concat([whole.subarray(0, filled), ...more]);
}

function notFound({ path }: ImageInput, why: string): GatewayError {
  const message = `The picture of '${path}' cannot be read: ${why.replace(/^The picture could not be fetched: /, '').replace(/\.$/, '')}.`;
  return new GatewayError('invalid_field', { message, param: path });
}
