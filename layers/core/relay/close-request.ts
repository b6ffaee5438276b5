import type { Clock } from '@sluice/kit/time/clock';
import type { Scheduler } from '@sluice/kit/time/scheduler';
import { capOfHolds } from '../metering/estimate-cap.ts';
import type { MeteredRequest, Metering } from '../metering/metering.ts';
import type { UsageClosing } from '../metering/store.ts';
import type { Answer } from './answer.ts';
import type { Exchange } from './exchange.ts';
import { describePoolUse, logPoolUse, type PoolUseDeps } from './pool-use.ts';
import type { Plan } from './route.ts';
import type { Served } from './served.ts';
import { settle } from './settle.ts';

/** An admitted request, until it is settled. */
export interface Admitted {
  metered: MeteredRequest;
  /** Null where what would have served it is gone; then nothing is charged. */
  plan: Plan | null;
}

export interface Ending {
  served: Served;
  answer: Pick<Answer, 'firstByteMs'>;
  exchange: Exchange;
}

export interface ClosingDeps extends PoolUseDeps {
  clock: Clock;
  scheduler: Scheduler;
}

/** Works out what a request used, closes its event and settles its holds. Never throws, and may be repeated. */
export function createClosing(
  deps: ClosingDeps,
  metering: Pick<Metering, 'settle'>,
): (admitted: Admitted, ending: Ending) => Promise<void> {
  return async ({ metered, plan }, { served, answer, exchange }) => {
    const cap = capOfHolds(Array.from(metered.holds.values(), ({ text }) => text));
    const { price: ofRoute } = served.candidate ?? {};
    const price = ofRoute ?? plan?.model.price ?? null;
    const settled = await settle(exchange.format, exchange.request.body, served, { price, cap });
    const closing: UsageClosing = {
      ...settled,
      priceVersion: ofRoute?.version,
      servedModel: served.candidate?.model ?? null,
      upstream: served.candidate?.upstream ?? null,
      credential: served.candidate?.credential ?? null,
      status: served.status,
      error: served.error,
      firstByteMs: answer.firstByteMs === null ? null : Math.round(answer.firstByteMs),
      durationMs: Math.round(deps.scheduler.monotonicMs() - exchange.startedMono),
      attempts: exchange.attempts,
      warnings: exchange.warnings,
      closedAt: deps.clock(),
      ...(exchange.drawing?.hasFixedUnits && { units: exchange.drawing.units }),
    };
    const { candidate } = served;
    // Most requests are served by operators' credentials, and wait for nothing here.
    const poolUse = plan && candidate?.use && (await describePoolUse(deps, { candidate, plan, metered, closing }));
    await metering.settle(metered, poolUse ? { ...closing, poolUse } : closing);
    if (poolUse) await logPoolUse(deps, metered, poolUse);
  };
}
