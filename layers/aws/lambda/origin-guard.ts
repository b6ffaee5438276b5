import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { equalTexts } from '@sluice/kit/crypto/equal-texts';
import { systemScheduler, type Scheduler } from '@sluice/kit/time/scheduler';
import { ORIGIN_SECRET_HEADER } from '../names.ts';

/** The values of the origin secret: `current`, and `previous` while a rotation is on its way. */
export type OriginSecret = Readonly<Record<string, string>>;

export interface OriginSecretSource {
  read(): Promise<OriginSecret>;
  /** Past any cache. */
  readAgain(): Promise<OriginSecret>;
}

/** Refuses whoever did not come through the CDN. @throws GatewayError `origin_refused`, `store_unavailable` */
export type OriginGuard = (headers: Readonly<Record<string, string | undefined>>) => Promise<void>;

/** A wrong secret may be one that was just rotated in; asking for it more often would be a lever for a flood. */
const REREAD_EVERY_MS = 30_000;

export function createOriginGuard(source: OriginSecretSource, scheduler: Scheduler = systemScheduler): OriginGuard {
  let rereadAt = -Infinity;
  return async (headers) => {
    const presented = headers[ORIGIN_SECRET_HEADER] ?? '';
    if (isKnown(await source.read(), presented)) return;
    if (presented !== '' && scheduler.monotonicMs() - rereadAt >= REREAD_EVERY_MS) {
      rereadAt = scheduler.monotonicMs();
      if (isKnown(await source.readAgain(), presented)) return;
    }
    throw new GatewayError('origin_refused', { message: 'Requests must come through the public address.' });
  };
}

function isKnown(secret: OriginSecret, presented: string): boolean {
  const known = [secret['current'], secret['previous']].filter((value) => value !== undefined && value !== '');
  // Both comparisons are always made.
  return known.map((value) => equalTexts(value as string, presented)).includes(true);
}
