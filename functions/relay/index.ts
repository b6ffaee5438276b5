import { createStreamedHandler } from '@sluice/aws/lambda/door';
import { createRelayFunction } from './deps.ts';

/** The data plane behind a function URL. */
export const handler = createStreamedHandler(createRelayFunction({ servesMany: false }));
