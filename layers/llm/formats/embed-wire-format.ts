import type { ObjectScan } from '@sluice/kit/json/members';
import type { EmbedCodec } from './embed-codec.ts';
import type { UsageFigures } from './usage-figures.ts';
import type { PathFacts } from './path-facts.ts';

/** What the relay must know of a request for embeddings. */
export interface EmbedFacts {
  /** The public model that the client asks for. */
  model: string;
  scan: ObjectScan;
}

/** A language of embeddings, as far as passing it through goes: whole bodies, no streams. */
export interface EmbedWireFormat {
  name: EmbedCodec['name'];
  codec: EmbedCodec;
  /** @throws GatewayError naming the field at fault, or the place where the JSON breaks */
  readRequest(body: Buffer, path: PathFacts | null): EmbedFacts;
  /** Which endpoint of an upstream of the same language takes this body. */
  operationOf(body: Buffer): 'embed' | 'embed-batch';
  /** The body for the upstream: the same bytes with its own name of the model. */
  prepareBody(body: Buffer, facts: EmbedFacts, upstreamModel: string): Buffer;
  /** Reads the usage of a whole answer; null where there is none. */
  readUsage(body: Buffer): UsageFigures | null;
  /** Tokens of the request by the tokenizer; slow, for answers that nobody reported on. */
  countRequest(body: Buffer): Promise<number>;
  decodeErrorMessage(body: Buffer): string | null;
}
