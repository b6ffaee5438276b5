import type { UsageEvent } from './store.ts';

/** The request did what its client asked for. */
export function isSuccess(event: UsageEvent): boolean {
  return event.closing !== null && event.closing.error === null && event.closing.status < 400;
}
