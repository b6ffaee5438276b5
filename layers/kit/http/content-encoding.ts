import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw, zstdDecompress, type InputType } from 'node:zlib';
import { GatewayError } from '../errors/gateway-error.ts';
import type { PlainRequest } from './exchange.ts';

type Decode = (bytes: InputType, options: { maxOutputLength: number }) => Promise<Buffer>;

const asGzip: Decode = promisify(gunzip);
const asZlib: Decode = promisify(inflate);
const asRawDeflate: Decode = promisify(inflateRaw);

/** Content codings by name: https://www.iana.org/assignments/http-parameters (`deflate` is the zlib format). */
const CODINGS: ReadonlyMap<string, Decode> = new Map<string, Decode>([
  ['gzip', asGzip],
  ['x-gzip', asGzip],
  ['deflate', decodeDeflate],
  ['br', promisify(brotliDecompress)],
  ['zstd', promisify(zstdDecompress)],
]);
const OFFERED = 'gzip, deflate, br, zstd';
/** Nobody encodes more often; each one costs a pass over the body. */
const MOST_CODINGS = 4;

/**
 * The request with its body decoded, whatever codings `content-encoding` lists; the same request when it lists none.
 * @param maxBytes of each decoded body, so that a small one cannot become a large one
 * @throws GatewayError `unsupported_media_type` naming the coding, `body_too_large`, `bad_request` for a broken body
 */
export async function decodeRequestBody(request: PlainRequest, maxBytes: number): Promise<PlainRequest> {
  const header = request.headers['content-encoding'];
  if (header === undefined || request.body.length === 0) return request;
  const codings = header
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity');
  const decoders = codings.map(decoderOf);
  if (decoders.length > MOST_CODINGS) {
    throw new GatewayError('bad_request', { message: `content-encoding lists more than ${MOST_CODINGS} codings.` });
  }
  let { body } = request;
  // They are listed in the order in which they were applied (RFC 9110 §8.4).
  for (const { name, decode } of decoders.toReversed()) body = await decodeOnce(body, { name, decode, maxBytes });
  const { 'content-encoding': _decoded, ...headers } = request.headers;
  return { ...request, headers, body };
}

interface Decoder {
  name: string;
  decode: Decode;
}

function decoderOf(name: string): Decoder {
  const decode = CODINGS.get(name);
  if (decode) return { name, decode };
  throw new GatewayError('unsupported_media_type', {
    message: `The content-encoding ${JSON.stringify(name.slice(0, 40))} is not known. Known are ${OFFERED}.`,
    headers: { 'accept-encoding': OFFERED },
  });
}

async function decodeOnce(body: Buffer, { name, decode, maxBytes }: Decoder & { maxBytes: number }): Promise<Buffer> {
  try {
    return await decode(body, { maxOutputLength: maxBytes });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      const message = `The request body is larger than ${maxBytes} bytes when its content-encoding is undone.`;
      throw new GatewayError('body_too_large', { message });
    }
    const message = `The request body is not what its content-encoding ${name} says, or a part of it is missing.`;
    throw new GatewayError('bad_request', { message, cause });
  }
}

/** Some clients say `deflate` and send it without the zlib header; its first byte tells (RFC 1950 §2.2). */
function decodeDeflate(bytes: InputType, options: { maxOutputLength: number }): Promise<Buffer> {
  const [first = 0, second = 0] = bytes as Buffer;
  const isZlib = (first & 0x0f) === 8 && (first * 256 + second) % 31 === 0;
  return (isZlib ? asZlib : asRawDeflate)(bytes, options);
}
