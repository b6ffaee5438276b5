import { createPlainHandler } from '@sluice/aws/lambda/door';
import { createAdminFunction } from './deps.ts';

/** The control plane behind a function URL. */
export const handler = createPlainHandler(createAdminFunction());
