/** One line of the algorithm, broken on purpose in the source that runs. */
export interface Breakage {
  name: string;
  /** What it does now, in words. */
  what: string;
  /** The source file, from the repository's root. */
  file: string;
  /** Stands there exactly once; where the source was rewritten, the breakage has to follow. */
  line: string;
  instead: string;
  /** The promise that must be seen to break. */
  breaks: string;
  /** Where it shows, with these faults and no others (as in `scriptedFaults`). Unbroken, the same run keeps all promises. */
  scenario: string;
  faults?: readonly string[];
}

const ADMISSION = 'layers/core/metering/admission.ts';
const SETTLEMENT = 'layers/core/metering/settlement.ts';
const GROUP_COMMIT = 'layers/core/metering/group-commit.ts';
const METERING = 'layers/core/metering/metering.ts';
const REPAIR = 'layers/core/metering/repair.ts';
const HOLDS = 'layers/core/metering/holds.ts';
const WINDOWS = 'layers/core/metering/windows.ts';
const RELAY = 'layers/core/relay/relay.ts';
const ATTEMPT = 'layers/core/relay/attempt.ts';
const ACCOUNT_TABLE = 'layers/aws/tables/ledger-account.ts';
const CLOSING = 'layers/aws/tables/closing.ts';
const POOL_TABLE = 'layers/aws/tables/pool-state.ts';
const ROLL_UP_JOB = 'layers/core/metering/roll-up-usage.ts';

const ADMITS = 'UpdateItem account (admit)';
const SETTLES = 'UpdateItem account (settle)';
const ENSURES = 'UpdateItem account (ensure)';
const OPENS = 'PutItem event';
const CLOSES = 'UpdateItem event';

export const BREAKAGES: readonly Breakage[] = [
  {
    name: 'settle-first',
    what: 'settles the accounts before it closes the event',
    file: SETTLEMENT,
    line: '      let closed: { isOurs: boolean; closing: UsageClosing };',
    instead: `      holds = [...holds];
      await Promise.all([...holds].map((hold) => settleOne(hold, closing)));
      let closed: { isOurs: boolean; closing: UsageClosing };`,
    breaks: 'counters-are-the-sum',
    scenario: 'tokens per day',
    faults: [`dies-after at ${SETTLES} by relay`],
  },
  {
    name: 'own-figures',
    what: 'settles with its own figures where it finds the event closed by others',
    file: SETTLEMENT,
    line: 'closing: outcome.event.closing ?? closing };',
    instead: 'closing };',
    breaks: 'counters-are-the-sum',
    scenario: 'slept through the margin',
    faults: [`dies-after at ${CLOSES} by sweep`],
  },
  {
    name: 'close-again',
    what: 'closes an event that is closed',
    file: CLOSING,
    line: "const CONDITION = '#v >= :v AND #p = :open';",
    instead: "const CONDITION = '#v >= :v AND (#p = :open OR #p <> :open)';",
    breaks: 'one-closed-event',
    scenario: 'slept through the margin',
  },
  {
    name: 'repair-blindly',
    what: 'gives a stale hold back whatever its event says',
    file: REPAIR,
    line: 'const figures = isListed(account.id, event, closing) ? closing : voidClosing(deps.clock());',
    instead: 'const figures = voidClosing(deps.clock());',
    breaks: 'counters-are-the-sum',
    scenario: 'died before it settled',
  },
  {
    name: 'charge-unlisted',
    what: 'charges a credential whose hold was left behind by a request that went on elsewhere',
    file: REPAIR,
    line: 'return closing.furtherAccounts?.includes(accountId) ?? false;',
    instead: 'return true;',
    breaks: 'counters-are-the-sum',
    scenario: 'a credential that refuses, with limits',
    faults: [`jam at ${SETTLES} by relay`],
  },
  {
    name: 'unlisted',
    what: "closes an event without the credentials' accounts that it has to charge",
    file: METERING,
    line: 'const listed = furtherAccounts.length > 0 ? { ...closing, furtherAccounts } : closing;',
    instead: 'const listed = closing;',
    breaks: 'counters-are-the-sum',
    scenario: 'only credentials have limits, one dies between the accounts',
  },
  {
    name: 'settle-unheld',
    what: 'adds the differences although there is no hold',
    file: ACCOUNT_TABLE,
    line: '`attribute_exists(#h.#i${index})`',
    instead: '`(attribute_exists(#h.#i${index}) OR attribute_not_exists(#h.#i${index}))`',
    breaks: 'counters-are-the-sum',
    scenario: 'tokens per day',
    faults: [`twice at ${SETTLES}`],
  },
  {
    name: 'admit-held',
    what: 'adds the amounts although the hold is there already',
    file: ACCOUNT_TABLE,
    line: '`attribute_not_exists(#h.#i${index})`',
    instead: '`(attribute_exists(#h.#i${index}) OR attribute_not_exists(#h.#i${index}))`',
    breaks: 'counters-are-the-sum',
    scenario: 'tokens per day',
    faults: [`twice at ${ADMITS}`],
  },
  {
    name: 'admit-again',
    what: 'sends an admission again whose answer was lost',
    file: ACCOUNT_TABLE,
    line: 'repeatable: false,',
    instead: 'repeatable: true,',
    breaks: 'nothing-charged-twice',
    scenario: 'an admission that lands behind the sweep',
  },
  {
    name: 'lost-means-held',
    what: 'takes an admission whose answer was lost for granted, without the read',
    file: ADMISSION,
    line: 'if (account?.holds[requestId] === hold) return finish(deps, proposal, account);',
    instead: 'if (account) return finish(deps, proposal, account);',
    breaks: 'nothing-unheld-is-spent',
    scenario: 'an admission that lands behind the sweep',
  },
  {
    name: 'admit-unanswered',
    what: 'calls the upstream before the hold is answered',
    file: METERING,
    line: '        ticket ? take(ticket, holds) : null,',
    instead: '        ticket ? (void take(ticket, holds).catch(() => undefined), null) : null,',
    breaks: 'nothing-unheld-is-spent',
    scenario: 'one at a time',
  },
  {
    name: 'call-unopened',
    what: 'calls the upstream before the event is written',
    file: METERING,
    line: '        openEvent(deps.usage, { ...event, ...(ticket && { isHeld: true }) }),',
    instead:
      '        void openEvent(deps.usage, { ...event, ...(ticket && { isHeld: true }) }).catch(() => undefined),',
    breaks: 'nothing-unheld-is-spent',
    scenario: 'no limits',
  },
  {
    name: 'admit-old',
    what: 'goes on with a request however old it has become',
    file: ADMISSION,
    line: '  if (ageMs > ADMISSION_MARGIN_MS) throw unavailable',
    instead: '  if (ageMs > Infinity) throw unavailable',
    breaks: 'nothing-unheld-is-spent',
    scenario: 'tokens per day',
    faults: [`frozen at ${ADMITS}`],
  },
  {
    name: 'forget-early',
    what: 'forgets a window into which requests may still be admitted',
    file: WINDOWS,
    line: 'return (start + longest) * 1_000 + retentionOf(counterName.charAt(cutAt)) < nowMs;',
    instead: 'return start * 1_000 < nowMs;',
    breaks: 'spend-within-limit',
    scenario: 'requests per minute, one after the other',
  },
  {
    name: 'no-room-asked',
    what: 'asks whether there is an account, not whether there is room',
    file: ACCOUNT_TABLE,
    line: '`(attribute_not_exists(#c${index}) OR #c${index} <= :r${index})`',
    instead: '`(attribute_not_exists(#c${index}) OR #c${index} <= :r${index} OR #c${index} > :r${index})`',
    breaks: 'spend-within-limit',
    scenario: 'requests per minute',
  },
  {
    name: 'joined-without-room',
    what: 'lets several in by one write as if each came alone',
    file: GROUP_COMMIT,
    line: 'const left = Math.min(sum.room, room - sum.amount);',
    instead: 'const left = Math.min(sum.room, room);',
    breaks: 'spend-within-limit',
    scenario: 'together in one write',
  },
  {
    name: 'any-entitlement',
    what: 'admits under an entitlement that is no longer in force',
    file: ACCOUNT_TABLE,
    line: "'#e = :seen'",
    instead: "'(#e = :seen OR #e <> :seen)'",
    breaks: 'charged-to-the-plan-in-force',
    scenario: 'a plan that is renewed between two requests',
  },
  {
    name: 'fly-stays',
    what: 'leaves the request in flight when it settles',
    file: HOLDS,
    line: "    case 'flights':\n      return 0;",
    instead: "    case 'flights':\n      return 1;",
    breaks: 'counters-are-the-sum',
    scenario: 'one at a time',
  },
  {
    name: 'void-keeps',
    what: 'keeps what was held for a request that nothing was made for',
    file: HOLDS,
    line: "  if (closing.source === 'void') return 0;",
    instead: '',
    breaks: 'counters-are-the-sum',
    scenario: 'heavy and chat a day',
    faults: ['unreachable at upstream start'],
  },
  {
    name: 'holds-wiped',
    what: 'puts an account right that has holds already',
    file: ACCOUNT_TABLE,
    line: '#h = if_not_exists(#h, :none)',
    instead: '#h = :none',
    breaks: 'counters-are-the-sum',
    scenario: 'an account without a map of holds',
    faults: [`twice-late at ${ENSURES} by relay 1`],
  },
  {
    name: 'unlisted-account',
    what: 'makes an account that no pass can find',
    file: ACCOUNT_TABLE,
    line: '  await client.put({ table: tableName, item: entry, repeatable: true });',
    instead: '  void entry;',
    breaks: 'no-stale-hold',
    scenario: 'died before it settled',
  },
  {
    name: 'void-unwritten',
    what: 'closing as void leaves no event behind where there was none',
    file: SETTLEMENT,
    line: '    await usage.openEvent({ ...event, inputEstimate: 0 });',
    instead: '    return { isOurs: true, closing };',
    breaks: 'refused-changes-nothing',
    scenario: 'an event that lands behind the sweep',
  },
  {
    name: 'void-unclosed',
    what: 'leaves open what it gives up',
    file: RELAY,
    line: `      admitted = { metered: { event, ticket, holds: new Map() }, plan };
      const outputCap = await admit(metering, admitted.metered, exchange);`,
    instead: `      const waiting: Admitted = { metered: { event, ticket, holds: new Map() }, plan };
      const outputCap = await admit(metering, waiting.metered, exchange);
      admitted = waiting;`,
    breaks: 'refused-changes-nothing',
    scenario: 'no limits',
    faults: [`lost-for-good at ${OPENS}`],
  },
  {
    name: 'sweep-unheld',
    what: 'the sweep charges an open event that has no hold',
    file: REPAIR,
    line: 'const wasLetIn = !event.isHeld || text !== undefined;',
    instead: 'const wasLetIn = event.phase !== undefined;',
    breaks: 'counters-are-the-sum',
    scenario: 'one at a time',
    faults: [`dies-before at ${ADMITS}`],
  },
  {
    name: 'no-settlement',
    what: 'a closed event counts as settled',
    file: SETTLEMENT,
    line: '  return deps.accounts.settle({ accountId: hold.accountId, requestId: hold.requestId, additions, removals });',
    instead: "  void removals;\n  return Promise.resolve('settled');",
    breaks: 'no-stale-hold',
    scenario: 'two credentials',
  },
  {
    name: 'kept-elsewhere',
    what: 'a request that goes on with another credential keeps what it took of the first',
    file: ATTEMPT,
    line: '    await trial.limits.giveBack(choice.candidate);',
    instead: '',
    breaks: 'counters-are-the-sum',
    scenario: 'a credential that refuses, with limits',
  },
  {
    name: 'listed-still',
    what: 'lists a credential whose hold was given back, though its admission may land yet',
    file: METERING,
    line: '    await settlement.giveBack(hold);\n    holds.delete(accountId);',
    instead: '    await settlement.giveBack(hold);',
    breaks: 'counters-are-the-sum',
    scenario: 'only credentials have limits',
    faults: [`later at ${ADMITS}`],
  },
  {
    name: 'report-ignored',
    what: 'charges an estimate though the upstream reported what it took',
    file: 'layers/core/relay/settle.ts',
    line: "if (served.usage && isWhole) return { source: 'reported'",
    instead: "if (served.usage && !isWhole) return { source: 'reported'",
    breaks: 'figures-are-the-upstreams',
    scenario: 'no limits',
  },
  {
    name: 'no-end',
    what: 'leaves the answer without an end when all is settled',
    file: RELAY,
    line: '      await answer.end();\n      await closing;\n',
    instead: '      await closing;\n',
    breaks: 'always-an-answer',
    scenario: 'no limits',
  },
  {
    name: 'account-missing',
    what: 'the sweep stumbles over an account that was entered and not made',
    file: 'layers/core/metering/account-pass.ts',
    line: 'account === null ? 0 : repairAccount(deps, account, olderThanMs)',
    instead: 'repairAccount(deps, account!, olderThanMs)',
    breaks: 'a-sweep-passes',
    scenario: 'two credentials',
    faults: ['dies-after at PutItem accounts by relay'],
  },
  {
    name: 'late-unmarked',
    what: 'closes an event of a closed time slice without the mark that has the slice rolled up again',
    file: CLOSING,
    line: "      { kind: 'put', table, item: dirtyItem(request.requestId) },\n",
    instead: '',
    breaks: 'roll-ups-are-the-sum',
    scenario: 'died before it was let in, its event behind the roll-up',
  },
  {
    name: 'mark-first',
    what: 'removes the mark of a late closing before the slice is rolled up again',
    file: ROLL_UP_JOB,
    line: '  const bySlice = Map.groupBy(due, (mark) => mark.sliceMs);',
    instead: `  for (const mark of due) await run.store.removeDirty(mark);
  const bySlice = Map.groupBy(due, (mark) => mark.sliceMs);`,
    breaks: 'roll-ups-are-the-sum',
    scenario: 'died before it was let in, its event behind the roll-up',
    faults: ['dies-after at DeleteItem dirty by roll-up'],
  },
  {
    name: 'watermark-first',
    what: 'moves the watermark of the roll-ups before the slices are computed',
    file: ROLL_UP_JOB,
    line: `    await run.work.computeClosed(slicesBetween(closedUntil, next), next);
    if (!(await moveState(run, { closedUntil: next }))) return false;`,
    instead: `    if (!(await moveState(run, { closedUntil: next }))) return false;
    await run.work.computeClosed(slicesBetween(closedUntil, next), next);`,
    breaks: 'roll-ups-are-the-sum',
    scenario: 'roll-ups',
    faults: ['dies-after at PutItem rollup by roll-up'],
  },
  {
    name: 'pool-blindly',
    what: "overwrites the state of a credential without having seen another process's",
    file: POOL_TABLE,
    line: "'#version = :before'",
    instead: "'(#version = :before OR #version <> :before)'",
    breaks: 'pool-states-in-turn',
    scenario: 'every store, and credentials that rest',
  },
];
