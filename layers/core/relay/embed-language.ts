import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { parseBody } from '@sluice/llm/convert/request';
import { embedCodecOf } from '@sluice/llm/formats/embed-formats';
import type { EmbedWireFormat } from '@sluice/llm/formats/embed-wire-format';
import type { RequestFacts } from '@sluice/llm/formats/wire-format';
import type { EmbedRequest } from '@sluice/llm/neutral/embed';
import type { Candidate } from './candidates.ts';
import type { Exchange } from './exchange.ts';
import type { Interpreter, Language } from './interpreter.ts';
import { parseAnswer } from './parse-answer.ts';
import { createWarn } from './warnings.ts';

/** Speaks to candidate after candidate for embeddings: whole bodies, no streams. */
export function createEmbedInterpreter(
  format: EmbedWireFormat,
  { exchange, facts }: { exchange: Exchange; facts: RequestFacts },
): Interpreter {
  let decoded: EmbedRequest | null = null;
  const read = (): EmbedRequest => (decoded ??= format.codec.decodeRequest(parseBody(exchange.request.body)));
  const warn = createWarn(exchange);
  const delivered = { output: '', reasoning: '' };

  const passThrough = ({ model }: Candidate): Language => ({
    isSame: true,
    operation: format.operationOf(exchange.request.body),
    body: format.prepareBody(exchange.request.body, facts, model),
    createStreamTap: noStream,
    convertWhole: noStream,
  });
  return {
    speakTo(candidate) {
      const upstream = embedCodecOf(candidate.format);
      if (upstream === null) throw noEmbeddings(facts.model);
      if (upstream.name === format.codec.name) return passThrough(candidate);
      const call = { model: candidate.model, warn };
      const body = upstream.encodeRequest(read(), call);
      return {
        isSame: false,
        operation: upstream.operationOf(body),
        body: Buffer.from(JSON.stringify(body)),
        createStreamTap: noStream,
        convertWhole(answer, isEvents) {
          if (isEvents) noStream();
          const response = upstream.decodeResponse(parseAnswer(answer), call);
          const encoded = format.codec.encodeResponse(response, { model: facts.model, request: read() });
          return { bytes: Buffer.from(JSON.stringify(encoded)), facts: { usage: response.usage, delivered } };
        },
      };
    },
    tellInputTokens: () => undefined,
    encodeFor: () => {
      throw noEmbeddings(facts.model);
    },
  };
}

function noEmbeddings(model: string): GatewayError {
  return new GatewayError('invalid_field', { message: `The model '${model}' makes no embeddings.`, param: 'model' });
}

function noStream(): never {
  throw new GatewayError('upstream_error', { message: 'The upstream streams where a whole answer was asked for.' });
}
