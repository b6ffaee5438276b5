import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { notFound } from '../refusal.ts';
import { success, type Answer, type Call, type Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';

/** Runs a schedule now and waits for its report. */
export async function runSchedule(
  services: AdminServices,
  call: Call<Record<string, unknown>, Record<string, never>, Caller>,
): Promise<Answer> {
  const name = call.params['name'] ?? '';
  if (!services.scheduleNames.includes(name)) {
    throw notFound(`schedule ${name}; there are: ${services.scheduleNames.join(', ')}`);
  }
  try {
    return success(await services.runSchedule(name, call.body));
  } catch (error) {
    throw new GatewayError('internal_error', {
      message: `The schedule ${name} failed; its log says why.`,
      internal: error instanceof Error ? error.message : String(error),
      cause: error,
    });
  }
}
