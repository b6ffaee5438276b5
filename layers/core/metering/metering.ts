import type { Logger } from '@sluice/kit/log/logger';
import type { Clock } from '@sluice/kit/time/clock';
import type { Scheduler } from '@sluice/kit/time/scheduler';
import type { Price } from '../catalog/store.ts';
import type { LedgerAccount, LedgerAccountStore } from './account-store.ts';
import { createAccountViews } from './account-views.ts';
import {
  assertYoung,
  createAdmission,
  unavailable,
  type AdmissionRequest,
  type Admitted,
  type TakenHold,
  type Ticket,
} from './admission.ts';
import { ADMISSION_MARGIN_MS } from './margin.ts';
import { repairAccount } from './repair.ts';
import { createSettlement } from './settlement.ts';
import type { OpenUsageEvent, UsageClosing, UsageStore } from './store.ts';

/** Lets requests in and settles them: nothing reaches an upstream that is not written down and held. */
export interface Metering {
  /**
   * Computes what to hold, and refuses without a write what is known to be refused. Null: no limit binds.
   * @throws GatewayError the limit's refusal, `store_unavailable`
   */
  prepare(request: AdmissionRequest): Promise<Ticket | null>;
  /**
   * Opens the usage event and takes the hold, in parallel; both are answered when this returns or throws. In either
   * case the request must be settled.
   * @throws GatewayError the limit's refusal, `store_unavailable`
   */
  admit(request: MeteredRequest): Promise<Admitted | null>;
  /**
   * Takes a hold of a further account, a credential's, for a request that is let in.
   * @returns what one answer may have at most by that account's limits; null where no hard one binds
   * @throws GatewayError the limit's refusal, `store_unavailable`; what may have been taken is settled with the rest
   */
  holdFurther(request: MeteredRequest, further: AdmissionRequest): Promise<number | null>;
  /** Gives a further account's hold back, because the request goes on elsewhere. Never throws. */
  giveBack(request: MeteredRequest, accountId: string): Promise<void>;
  /**
   * A request that another process let in, to be settled here, with the holds that stand for it.
   * @param further accounts beside the user's that may hold something
   * @returns null when nothing was ever written down of it
   */
  takeOver(requestId: string, further: readonly string[]): Promise<MeteredRequest | null>;
  /** Closes the event, then settles every hold. Never throws; what cannot be written is left to repair. */
  settle(request: MeteredRequest, closing: UsageClosing): Promise<void>;
}

/** One request and what was taken for it. */
export interface MeteredRequest {
  event: OpenUsageEvent;
  ticket: Ticket | null;
  /** By account: every hold that may be standing. */
  holds: Map<string, TakenHold>;
}

export interface MeteringDeps {
  usage: Pick<UsageStore, 'openEvent' | 'closeEvent' | 'findEvent' | 'noteLate'>;
  accounts: LedgerAccountStore;
  findPrice(model: string, version: number): Promise<Price | null>;
  clock: Clock;
  scheduler: Scheduler;
  logger: Logger;
  /** Minutes east of UTC that days and months of limits follow. */
  timeZoneOffsetMinutes: number;
}

export function createMetering(deps: MeteringDeps): Metering {
  const views = createAccountViews();
  const admission = createAdmission({ ...deps, views, onStale: createStaleRepair(deps) });
  const settlement = createSettlement({ ...deps, views });
  const noteIn = (holds: Map<string, TakenHold>, accountId: string) => (hold: TakenHold | null) => {
    if (hold) holds.set(accountId, hold);
    else holds.delete(accountId);
  };
  const take = async (ticket: Ticket, holds: Map<string, TakenHold>): Promise<Admitted> => {
    const { accountId } = ticket.request;
    const admitted = await admission.take(ticket, noteIn(holds, accountId));
    holds.set(accountId, admitted.hold);
    return admitted;
  };
  const giveBack = async (holds: Map<string, TakenHold>, accountId: string): Promise<void> => {
    const hold = holds.get(accountId);
    if (!hold) return;
    await settlement.giveBack(hold);
    holds.delete(accountId);
  };

  return {
    async prepare(request) {
      const ticket = await admission.prepare(request);
      // An event opened now could land in a time slice that was swept for good.
      assertYoung(deps, request.requestId);
      return ticket;
    },
    async admit({ event, ticket, holds }) {
      const [opened, taken] = await Promise.allSettled([
        openEvent(deps.usage, { ...event, ...(ticket && { isHeld: true }) }),
        ticket ? take(ticket, holds) : null,
      ]);
      // The account's refusal says more than a lost answer of the event.
      if (taken.status === 'rejected') throw taken.reason;
      if (opened.status === 'rejected') throw opened.reason;
      // The event's answer may have come long after the account's; others may have repaired the request meanwhile.
      assertYoung(deps, event.requestId);
      return taken.value;
    },
    async holdFurther({ holds }, further) {
      const ticket = await admission.prepare(further);
      if (!ticket) return null;
      try {
        return (await take(ticket, holds)).outputCap;
      } catch (refusal) {
        // After a lost answer it may be standing; left in the list it would be charged what goes on elsewhere.
        await giveBack(holds, further.accountId);
        throw refusal;
      }
    },
    giveBack: ({ holds }, accountId) => giveBack(holds, accountId),
    takeOver: (requestId, further) => takeOver(deps, requestId, further),
    settle({ event, ticket, holds }, closing) {
      const furtherAccounts = [...holds.keys()].filter((accountId) => accountId !== event.userId);
      const listed = furtherAccounts.length > 0 ? { ...closing, furtherAccounts } : closing;
      const isHeld = ticket !== null || event.isHeld === true;
      return settlement.settle({ ...event, isHeld }, listed, holds.values());
    },
  };
}

async function takeOver(
  { usage, accounts }: MeteringDeps,
  requestId: string,
  further: readonly string[],
): Promise<MeteredRequest | null> {
  const event = await usage.findEvent(requestId);
  if (event === null) return null;
  const holds = new Map<string, TakenHold>();
  for (const accountId of [event.userId, ...further]) {
    const account = await accounts.read(accountId, { consistent: true });
    const text = account?.holds[requestId];
    if (account && text !== undefined) {
      holds.set(accountId, { accountId, requestId, text, createdAt: account.createdAt, outdated: [] });
    }
  }
  return { event, ticket: null, holds };
}

async function openEvent(usage: MeteringDeps['usage'], event: OpenUsageEvent): Promise<void> {
  const outcome = await usage.openEvent(event).catch((cause: unknown) => {
    throw unavailable(cause);
  });
  // An id is made once; finding it taken means that an answer was lost, and admission is never guessed.
  if (outcome === 'exists') throw unavailable(new Error(`Usage event ${event.requestId} exists already`));
}

/** Repairs in the background what an admission's answer showed to be stale; one account at a time in this process. */
function createStaleRepair(deps: MeteringDeps): (account: LedgerAccount) => void {
  const busy = new Set<string>();
  return (account) => {
    if (busy.has(account.id)) return;
    busy.add(account.id);
    repairAccount(deps, account, ADMISSION_MARGIN_MS)
      .catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        deps.logger.warn('repair_failed', { account_id: account.id, reason });
      })
      .finally(() => busy.delete(account.id));
  };
}
