import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { Logger } from '@sluice/kit/log/logger';
import type { Scheduler } from '@sluice/kit/time/scheduler';
import type { OpenUsageEvent, UsageClosing, UsageStore } from './store.ts';

/** Opens and closes usage events: nothing reaches an upstream that is not written down, nothing open is forgotten. */
export interface Metering {
  /** @throws GatewayError `store_unavailable`; the event may have been written all the same */
  open(event: OpenUsageEvent): Promise<void>;
  /** Tries again for a while and never throws; what cannot be closed is left to the sweep, and logged. */
  close(event: OpenUsageEvent, closing: UsageClosing): Promise<void>;
}

export interface MeteringDeps {
  usage: Pick<UsageStore, 'openEvent' | 'closeEvent'>;
  scheduler: Scheduler;
  logger: Logger;
}

const CLOSE_PAUSES_MS = [50, 200, 800];

export function createMetering({ usage, scheduler, logger }: MeteringDeps): Metering {
  return {
    async open(event) {
      const outcome = await usage.openEvent(event).catch((cause: unknown) => {
        throw storeUnavailable(cause);
      });
      // An id is made once; finding it taken means that an answer was lost, and admission is never guessed.
      if (outcome === 'exists') throw storeUnavailable(new Error(`Usage event ${event.requestId} exists already`));
    },
    async close(event, closing) {
      const owner = { userId: event.userId, keyId: event.keyId };
      for (const pauseMs of [...CLOSE_PAUSES_MS, null]) {
        try {
          await usage.closeEvent(event.requestId, closing, owner);
          return;
        } catch (error) {
          if (pauseMs === null) logLostClosing(logger, event, closing, error);
          else await pause(scheduler, pauseMs);
        }
      }
    },
  };
}

function storeUnavailable(cause: unknown): GatewayError {
  return new GatewayError('store_unavailable', {
    message: 'The request could not be written down, so it was not sent. Please try again.',
    retryAfterSeconds: 1,
    internal: cause instanceof Error ? cause.message : String(cause),
    cause,
  });
}

function pause(scheduler: Scheduler, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    scheduler.after(delayMs, resolve);
  });
}

/** The figures are in the log, so that a person can still settle what the sweep will only estimate. */
function logLostClosing(logger: Logger, event: OpenUsageEvent, closing: UsageClosing, error: unknown): void {
  logger.error('usage_not_closed', {
    request_id: event.requestId,
    user_id: event.userId,
    source: closing.source,
    cost_micros: closing.costMicros,
    parts: JSON.stringify(closing.parts),
    reason: error instanceof Error ? error.message : String(error),
  });
}
