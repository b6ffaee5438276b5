import { createTimedCache } from '@sluice/kit/cache/timed-cache';
import { slotOf, USERS_CLASS } from '../credentials/serving.ts';
import type { OpenedCredential, OpenedUpstream } from './candidates.ts';
import type { UpstreamOpener } from './open-upstream.ts';

/*
 * Upstreams with more credentials than a request can be offered. Those of the first classes are known whole as ever;
 * of the class that is too long a conversation is given the part of its ring that its seed points to, so that it meets
 * the same credentials again, and everybody on the ring is somebody's.
 */

const MOST_PARTS = 200;
const MOST_OWNERS = 500;
const MOST_RENEWED = 2_000;

export interface WideUpstreams {
  /** The upstream with the credentials that this conversation may be served by. */
  narrow(opened: OpenedUpstream, who: { seed: number; userId: string }): Promise<OpenedUpstream>;
  /** It has another access token than parts that were opened before know of. */
  renewed(credential: OpenedCredential): void;
}

export function createWideUpstreams(opener: UpstreamOpener, cacheLifeMs: number): WideUpstreams {
  const parts = createTimedCache<OpenedCredential[]>({ lifeMs: cacheLifeMs, max: MOST_PARTS });
  const own = createTimedCache<OpenedCredential[]>({ lifeMs: cacheLifeMs, max: MOST_OWNERS });
  const newer = createTimedCache<OpenedCredential>({ lifeMs: cacheLifeMs, max: MOST_RENEWED });
  const nameOf = ({ credential: { upstream, id } }: OpenedCredential): string => `${upstream}\n${id}`;

  return {
    async narrow(opened, { seed, userId }) {
      const { upstream, more, hasOwned } = opened;
      if (more === null) return opened;
      const partOf = (servingClass: string, slots: number): Promise<OpenedCredential[]> => {
        const { slot, position } = slotOf(seed, slots);
        return parts.get(`${upstream.name}\n${servingClass}\n${slots}\n${slot}`, () =>
          opener.openPart(upstream, servingClass, position),
        );
      };
      const lists = await Promise.all([
        hasOwned ? own.get(`${upstream.name}\n${userId}`, () => opener.openOwn(upstream, userId)) : [],
        opened.credentials,
        partOf(more.cut, more.slots),
        hasOwned && more.cut !== USERS_CLASS ? partOf(USERS_CLASS, more.slots) : [],
      ]);
      const credentials = new Map<string, OpenedCredential>();
      for (const one of lists.flat()) {
        const name = nameOf(one);
        if (!credentials.has(name)) credentials.set(name, newer.peek(name) ?? one);
      }
      return { ...opened, credentials: [...credentials.values()] };
    },
    renewed(credential) {
      const name = nameOf(credential);
      newer.forget(name);
      void newer.get(name, async () => credential);
    },
  };
}
