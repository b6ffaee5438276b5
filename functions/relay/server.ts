import type { Server } from 'node:http';
import { createOriginGuard } from '@sluice/aws/lambda/origin-guard';
import { VIEWER_ADDRESS_HEADER } from '@sluice/aws/names';
import { isGatewayError } from '@sluice/kit/errors/gateway-error';
import { createNodeServer } from '@sluice/kit/http/node-server';
import { createRelayFunction } from './deps.ts';

/** What a function URL takes, so that both adapters refuse the same bodies. */
const MAX_BODY_BYTES = 6 * 1024 * 1024;

/** The data plane as a plain Node server, behind the same CDN; not yet listening. */
export async function createServer(): Promise<Server> {
  const { handle, originSecret, encodeError } = createRelayFunction({ servesMany: true });
  const guard = createOriginGuard(originSecret);
  return createNodeServer({
    maxBodyBytes: MAX_BODY_BYTES,
    clientAddressHeader: VIEWER_ADDRESS_HEADER,
    encodeError,
    async handle(request, sink) {
      try {
        await guard(request.headers);
      } catch (error) {
        if (!isGatewayError(error)) throw error;
        const refusal = encodeError(request, error);
        sink.head(refusal.status, refusal.headers);
        await sink.write(Buffer.from(refusal.body));
        await sink.end();
        return;
      }
      await handle(request, sink);
    },
  });
}
