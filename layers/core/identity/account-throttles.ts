import { GatewayError } from '@sluice/kit/errors/gateway-error';
import { foldLogin } from './fold-login.ts';
import { placeOf } from './place-of.ts';
import type { Throttle, ThrottleStore } from './throttle-store.ts';

const HOUR_SECONDS = 3_600;

/** An office, or a class, behind one address. */
export const registrationsFrom = (address: string): Throttle => ({
  name: `register from ${placeOf(address)}`,
  limit: 100,
  windowSeconds: HOUR_SECONDS,
});
export const resetsFrom = (address: string): Throttle => ({
  name: `forgot-password from ${placeOf(address)}`,
  limit: 30,
  windowSeconds: HOUR_SECONDS / 4,
});
/** Mails that one inbox gets, whoever asks for them. */
export const resetsFor = (email: string): Throttle => ({
  name: `forgot-password for ${foldLogin(email)}`,
  limit: 5,
  windowSeconds: HOUR_SECONDS,
});
export const verificationsFor = (userId: string): Throttle => ({
  name: `verification for ${userId}`,
  limit: 5,
  windowSeconds: HOUR_SECONDS,
});
export const nameChecksFrom = (address: string): Throttle => ({
  name: `check-username from ${placeOf(address)}`,
  limit: 30,
  windowSeconds: 60,
});

/** @throws GatewayError `rate_limit_exceeded` */
export async function takeOrRefuse(
  throttles: Pick<ThrottleStore, 'take'>,
  throttle: Throttle,
  now: number,
): Promise<void> {
  const { allowed, retryAfterSeconds } = await throttles.take({ ...throttle, now });
  if (allowed) return;
  throw new GatewayError('rate_limit_exceeded', {
    message: 'Too many requests of this kind. Please try again later.',
    retryAfterSeconds,
  });
}
