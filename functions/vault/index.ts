import { createPlainHandler } from '@sluice/aws/lambda/door';
import { createVaultFunction } from './deps.ts';

/** The holder of the vault seed behind a function URL. */
export const handler = createPlainHandler(createVaultFunction());
