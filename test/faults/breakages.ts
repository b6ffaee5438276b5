import type { TableOperation, TableTransport } from '../../layers/aws/table-operations.ts';
import type { LedgerAccount } from '../../layers/core/metering/account-store.ts';
import { decodeHold, settlementAdditions } from '../../layers/core/metering/holds.ts';
import { voidClosing } from '../../layers/core/metering/settlement.ts';
import type { ProcessStores } from './process-stores.ts';

/** One line of the algorithm, broken by a double of one step. */
export interface Breakage {
  name: string;
  /** What is done instead. */
  line: string;
  /** The promise that must be seen to break. */
  breaks: string;
  /** Where it shows soonest. */
  scenario: string;
  /** The fault that shows it soonest, as `<kind> at <place>`; absent where none is needed. */
  fault?: string;
  transport?(transport: TableTransport): TableTransport;
  stores?(stores: ProcessStores): ProcessStores;
  clock?(clock: () => number): () => number;
}

interface Input {
  TransactItems?: readonly object[] | undefined;
  Key?: { pk?: { S?: string } };
  UpdateExpression?: string;
  ConditionExpression?: string;
}

/** Changes the calls of one kind on their way out. */
function rewrite(
  concerns: (operation: TableOperation, input: Input) => boolean,
  change: (input: Input) => Input,
): (transport: TableTransport) => TableTransport {
  return (transport) => ({
    ...transport,
    send: (operation, input, options) =>
      transport.send(operation, concerns(operation, input) ? change(input) : input, options),
  });
}

const isOn =
  (kind: string, expression: RegExp) =>
  (operation: TableOperation, { Key, UpdateExpression = '' }: Input): boolean =>
    operation === 'UpdateItem' && Key?.pk?.S?.startsWith(`${kind}#`) === true && expression.test(UpdateExpression);
const ADMITS = isOn('account', /^SET #h\.#id/);
const SETTLES = isOn('account', /^REMOVE/);
const CLOSES = isOn('slice', /^SET/);

/** Placeholders whose condition is left out must not be named either, so it is made always true instead. */
function always(condition: string | RegExp): (input: Input) => Input {
  return (input) => ({
    ...input,
    ConditionExpression: input.ConditionExpression?.replace(condition, (text) => `(${text} OR NOT ${text})`),
  });
}

const withUsage =
  (change: (usage: ProcessStores['usage'], stores: ProcessStores) => Partial<ProcessStores['usage']>) =>
  (stores: ProcessStores): ProcessStores => ({
    ...stores,
    usage: { ...stores.usage, ...change(stores.usage, stores) },
  });

const withAccounts =
  (change: (accounts: ProcessStores['accounts']) => Partial<ProcessStores['accounts']>) =>
  (stores: ProcessStores): ProcessStores => ({
    ...stores,
    accounts: { ...stores.accounts, ...change(stores.accounts) },
  });

export const BREAKAGES: readonly Breakage[] = [
  {
    name: 'settle-first',
    line: 'settles the account before it closes the event',
    breaks: 'counters-are-the-sum',
    scenario: 'tokens per day',
    fault: 'dies-after at UpdateItem account (settle)',
    stores: withUsage((usage, { accounts }) => ({
      async closeEvent(requestId, closing, owner) {
        const account = await accounts.read(owner.userId, { consistent: true });
        const text = account?.holds[requestId];
        if (account && text !== undefined) {
          const placed = { requestId, hold: decodeHold(text), createdAt: account.createdAt };
          const additions = settlementAdditions(placed, closing, closing.closedAt);
          await accounts.settle({ accountId: account.id, requestId, additions, removals: [] });
        }
        return usage.closeEvent(requestId, closing, owner);
      },
    })),
  },
  {
    name: 'own-figures',
    line: 'takes its own figures where it finds the event closed',
    breaks: 'counters-are-the-sum',
    scenario: 'one at a time',
    fault: 'frozen at upstream event',
    stores: withUsage((usage) => ({
      async closeEvent(requestId, closing, owner) {
        const found = await usage.closeEvent(requestId, closing, owner);
        return found.outcome === 'not-found' ? found : { ...found, event: { ...found.event, closing } };
      },
    })),
  },
  {
    name: 'close-again',
    line: 'closes an event again that is closed',
    breaks: 'one-closed-event',
    scenario: 'one at a time',
    fault: 'frozen at upstream event',
    transport: rewrite(CLOSES, always('#phase = :open')),
  },
  {
    name: 'repair-blindly',
    line: 'gives a stale hold back without a look at the event',
    breaks: 'counters-are-the-sum',
    scenario: 'tokens per day',
    fault: 'dies-before at UpdateItem account (settle)',
    stores: withUsage((usage) => ({
      async findEvent(requestId) {
        const event = await usage.findEvent(requestId);
        return event && { ...event, phase: 'closed', closing: voidClosing(0) };
      },
    })),
  },
  {
    name: 'settle-unheld',
    line: 'adds the differences although there is no hold',
    breaks: 'counters-are-the-sum',
    scenario: 'one at a time',
    fault: 'frozen at upstream event',
    transport: rewrite(SETTLES, always('attribute_exists(#h.#id)')),
  },
  {
    name: 'admit-held',
    line: 'adds the amounts although the hold is there already',
    breaks: 'counters-are-the-sum',
    scenario: 'tokens per day',
    fault: 'twice at UpdateItem account (admit)',
    transport: rewrite(ADMITS, always('attribute_not_exists(#h.#id)')),
  },
  {
    name: 'admit-again',
    line: 'sends an admission again whose answer was lost',
    breaks: 'nothing-charged-twice',
    scenario: 'two credentials',
    fault: 'late at UpdateItem account (admit)',
    stores: withAccounts((accounts) => ({
      admit: (write) => accounts.admit(write).catch(() => accounts.admit(write)),
    })),
  },
  {
    name: 'admit-unanswered',
    line: 'calls the upstream before the hold is answered',
    breaks: 'nothing-unheld-is-spent',
    scenario: 'one at a time',
    stores: withAccounts((accounts) => ({
      async admit(write) {
        accounts.admit(write).catch(() => undefined);
        return { outcome: 'admitted', account: viewOf(write.accountId) };
      },
    })),
  },
  {
    name: 'admit-old',
    line: 'admits and calls however old the request has become',
    breaks: 'nothing-unheld-is-spent',
    scenario: 'tokens per day',
    fault: 'frozen at UpdateItem account (admit)',
    clock: (clock) => {
      const startedAt = clock();
      return () => Math.min(clock(), startedAt + 120_000);
    },
  },
  {
    name: 'forget-early',
    line: 'removes a window into which requests may still be admitted',
    breaks: 'spend-within-limit',
    scenario: 'requests per minute',
    stores: withAccounts((accounts) => ({
      async settle(write) {
        const account = await accounts.read(write.accountId, { consistent: true });
        const added = new Set(write.additions.map(({ name }) => name));
        const removals = Object.keys(account?.counters ?? {}).filter(
          (name) => name.startsWith('req#') && !added.has(name),
        );
        return accounts.settle({ ...write, removals });
      },
    })),
  },
  {
    name: 'no-room-asked',
    line: 'asks whether there is an account, not whether there is room',
    breaks: 'spend-within-limit',
    scenario: 'requests per minute',
    stores: withAccounts((accounts) => ({
      admit: (write) =>
        accounts.admit({ ...write, counters: write.counters.map((counter) => ({ ...counter, room: 1e12 })) }),
    })),
  },
  {
    name: 'any-entitlement',
    line: 'admits under an entitlement that is no longer in force',
    breaks: 'charged-to-the-plan-in-force',
    scenario: 'a plan that is renewed meanwhile',
    transport: rewrite(ADMITS, always('#e = :seen')),
  },
  {
    name: 'fly-stays',
    line: 'leaves the request in flight when it settles',
    breaks: 'counters-are-the-sum',
    scenario: 'one at a time',
    stores: withAccounts((accounts) => ({
      settle: (write) =>
        accounts.settle({ ...write, additions: write.additions.filter(({ name }) => !name.startsWith('fly#')) }),
    })),
  },
  {
    name: 'holds-wiped',
    line: 'puts an account right that has holds already',
    breaks: 'counters-are-the-sum',
    scenario: 'an account without a map of holds',
    transport: rewrite(isOn('account', /if_not_exists\(#h/), (input) => ({
      ...input,
      UpdateExpression: input.UpdateExpression?.replace('if_not_exists(#h, :none)', ':none'),
    })),
  },
  {
    name: 'void-unwritten',
    line: 'closing as void leaves no event behind where there was none',
    breaks: 'refused-changes-nothing',
    scenario: 'no limits',
    fault: 'lost-for-good at PutItem event',
    stores: withUsage((usage) => ({
      async closeEvent(requestId, closing, owner) {
        const found = await usage.closeEvent(requestId, closing, owner);
        if (found.outcome !== 'not-found') return found;
        return { outcome: 'closed', event: { ...NO_EVENT, requestId, closing } };
      },
    })),
  },
  {
    name: 'void-unclosed',
    line: 'leaves open what it gives up',
    breaks: 'refused-changes-nothing',
    scenario: 'no limits',
    fault: 'lost-for-good at PutItem event',
    stores: withUsage((usage) => ({
      async closeEvent(requestId, closing, owner) {
        if (closing.source !== 'void') return usage.closeEvent(requestId, closing, owner);
        return { outcome: 'closed', event: { ...NO_EVENT, requestId, closing } };
      },
    })),
  },
  {
    name: 'sweep-unheld',
    line: 'the sweep charges an open event that has no hold',
    breaks: 'refused-changes-nothing',
    scenario: 'one at a time',
    fault: 'dies-before at UpdateItem account (admit)',
    stores: (stores) => ({
      ...stores,
      sweep: {
        ...stores.sweep,
        async listOpenEventsOfSlice(startMs, page) {
          const found = await stores.sweep.listOpenEventsOfSlice(startMs, page);
          return { ...found, items: found.items.map((event) => ({ ...event, isHeld: undefined })) };
        },
      },
    }),
  },
  {
    name: 'no-settlement',
    line: 'a closed event counts as settled',
    breaks: 'no-stale-hold',
    scenario: 'two credentials',
    stores: withAccounts(() => ({ settle: async () => 'settled' })),
  },
  {
    name: 'late-unmarked',
    line: 'closes an event of a closed time slice without the mark that has the slice rolled up again',
    breaks: 'roll-ups-are-the-sum',
    scenario: 'roll-ups',
    fault: 'dies-later at PutItem event',
    transport: rewrite(
      (operation) => operation === 'TransactWriteItems',
      (input) => ({ ...input, TransactItems: input.TransactItems?.slice(0, 1) }),
    ),
  },
];

const NO_EVENT = {
  userId: '',
  keyId: '',
  model: '',
  format: '',
  stream: false,
  startedAt: 0,
  inputEstimate: 0,
  priceVersion: null,
  clientRequestId: null,
  clientApp: null,
  phase: 'closed',
} as const;

function viewOf(id: string): LedgerAccount {
  return { id, createdAt: 0, entitlement: 0, plan: null, counters: {}, holds: {}, whole: true };
}
