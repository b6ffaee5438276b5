import type { Invariant } from './invariants.ts';
import type { Rules, Setup } from './ledger-model.ts';
import { SETUPS } from './rules.ts';

/** One line of the algorithm broken on purpose, and the promise that must then be seen to break. */
export interface Breakage {
  line: string;
  change: Partial<Rules>;
  breaks: Invariant;
  /** The smallest setup in which it shows. */
  setup: Setup;
}

const { alone, pair } = SETUPS;

export const BREAKAGES: readonly Breakage[] = [
  {
    line: 'settles the account before it closes the event',
    change: { closesBeforeSettling: false },
    breaks: 'counters-are-the-sum',
    setup: alone,
  },
  {
    line: 'takes its own figures where it finds the event closed',
    change: { takesStoredFigures: false },
    breaks: 'counters-are-the-sum',
    setup: alone,
  },
  {
    line: 'closes an event again that is closed',
    change: { closesOnlyOpen: false },
    breaks: 'one-closed-event',
    setup: alone,
  },
  {
    line: 'adds the differences although there is no hold',
    change: { settlesOnlyHeld: false },
    breaks: 'counters-are-the-sum',
    setup: alone,
  },
  {
    line: 'gives a stale hold back without a look at the event',
    change: { repairReadsEvent: false },
    breaks: 'counters-are-the-sum',
    setup: alone,
  },
  {
    line: 'sends an admission again whose answer was lost',
    change: { afterLostAdmission: 'send-again' },
    breaks: 'nothing-charged-twice',
    setup: alone,
  },
  {
    line: 'believes an admission whose answer was lost',
    change: { afterLostAdmission: 'believe' },
    breaks: 'nothing-unheld-is-spent',
    setup: alone,
  },
  {
    line: 'leaves open what it gives up',
    change: { voidsWhatItGivesUp: false },
    breaks: 'refused-changes-nothing',
    setup: alone,
  },
  {
    line: 'calls the upstream before the hold is answered',
    change: { awaitsAdmission: false },
    breaks: 'nothing-unheld-is-spent',
    setup: alone,
  },
  {
    line: 'calls the upstream however old the request has become',
    change: { checksAgeBeforeCall: false },
    breaks: 'nothing-unheld-is-spent',
    setup: alone,
  },
  {
    line: 'admits into a window that is past retention',
    change: { checksAgeBeforeAdmission: false, checksAgeBeforeCall: false },
    breaks: 'spend-within-limit',
    setup: pair,
  },
  {
    line: 'removes a window into which requests may still be admitted',
    change: { retentionEnds: 1 },
    breaks: 'spend-within-limit',
    setup: pair,
  },
  {
    line: 'asks whether the limit is reached, not whether there is room',
    change: { checksRoom: false },
    breaks: 'spend-within-limit',
    setup: pair,
  },
  {
    line: 'admits under an entitlement that is no longer in force',
    change: { checksEntitlement: false },
    breaks: 'charged-to-the-plan-in-force',
    setup: alone,
  },
  {
    line: 'leaves the request in flight when it settles',
    change: { flyComesDown: false },
    breaks: 'counters-are-the-sum',
    setup: alone,
  },
  {
    line: 'puts an account right that has holds already',
    change: { creationKeepsHolds: false },
    breaks: 'nothing-unheld-is-spent',
    setup: SETUPS.pairWithoutHolds,
  },
  {
    line: 'closing as void leaves no event behind where there was none',
    change: { voidCreatesEvent: false },
    breaks: 'refused-changes-nothing',
    setup: SETUPS.aloneWithoutLimits,
  },
  {
    line: 'the sweep charges an open event that has no hold',
    change: { openWithoutHoldIsVoid: false },
    breaks: 'counters-are-the-sum',
    setup: alone,
  },
];
