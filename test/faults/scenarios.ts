import type { KeyLimits } from '../../layers/core/identity/store.ts';
import type { PlanType } from '../../layers/core/plans/store.ts';

/** One request of a scenario. */
interface PlannedRequest {
  relay: number;
  stream: boolean;
  maxTokens?: number;
  model?: string;
  /** The clock moves before it begins. */
  afterMs?: number;
}

/** A code that is there from the start. */
export interface PlannedCode {
  text: string;
  type: PlanType;
  tokens: number;
}

/** Somebody types a code while requests run. */
export interface PlannedRedemption {
  code: string;
  userId: string;
  afterMs: number;
}

export interface Scenario {
  name: string;
  /** Clock skew of each relay process, in milliseconds. */
  relays: readonly number[];
  role: 'admin' | 'user';
  limits: KeyLimits;
  requests: readonly PlannedRequest[];
  /** The account stands there without a map of holds. */
  lacksHolds?: boolean;
  /** Tokens of a plan that is in force from the start, and of one that is redeemed while requests run. */
  plan?: { tokens: number; redeemed: number; redeemedAfterMs?: number };
  /** A plan of this type with so many tokens is in force from the start; codes are redeemed while requests run. */
  codes?: { before?: PlannedCode['type']; beforeTokens?: number; made: readonly PlannedCode[] };
  redemptions?: readonly PlannedRedemption[];
  /** Something of the control plane, beside or in the place of requests. */
  way?: 'keys' | 'refresh';
  credentials?: number;
  /** Limits of each credential's own. */
  credentialLimits?: KeyLimits;
  /** Writes of one account are sent together, as by a process that serves many requests at once. */
  grouped?: boolean;
  /** Users, keys, models, credentials and their states are read from tables too, each read with its faults. */
  everyStore?: boolean;
  /** What befalls them in any case, as in `scriptedFaults`; all other faults come on top. */
  given?: readonly string[];
  /** Somebody runs the sweep by hand for all ages, while requests are under way. */
  sweptByHand?: boolean;
  /** Promises that cannot be kept here, by the decision records. */
  givesUp?: readonly string[];
  /** Roll-ups are made too, before and after the late closings. */
  rollsUp?: boolean;
}

const stream = (relay: number, afterMs = 0): PlannedRequest => ({ relay, stream: true, afterMs });
const whole = (relay: number, afterMs = 0): PlannedRequest => ({ relay, stream: false, afterMs });

function redeems(code: string, { userId = 'usr_1', afterMs = 0 } = {}): PlannedRedemption {
  return { code, userId, afterMs };
}

/** Small ones, so that every await of each can meet every fault. */
export const SCENARIOS: readonly Scenario[] = [
  { name: 'no limits', relays: [0], role: 'admin', limits: {}, requests: [stream(0), whole(0)] },
  {
    name: 'requests per minute',
    relays: [0, 20_000],
    role: 'admin',
    limits: { requestsPerMinute: 2 },
    requests: [stream(0), whole(1), stream(1), whole(0, 61_000)],
  },
  {
    name: 'tokens per day',
    relays: [0, -20_000],
    role: 'admin',
    limits: { tokensPerDay: 100 },
    requests: [whole(0), stream(1), whole(0)],
  },
  {
    name: 'one at a time',
    relays: [0, 0],
    role: 'admin',
    limits: { maxConcurrent: 1 },
    requests: [stream(0), stream(1), whole(0)],
  },
  {
    name: 'heavy and chat a day',
    relays: [0, 0],
    role: 'admin',
    limits: { perDay: { chat: 2, heavy: 1, image: -1, video: -1 } },
    requests: [{ ...stream(0), model: 'heavy' }, { ...stream(1), model: 'heavy' }, whole(0), whole(1)],
  },
  {
    name: 'money a month',
    relays: [0, 0],
    role: 'admin',
    limits: { budgetMicrosPerMonth: 150 },
    requests: [whole(0), stream(1), whole(1)],
  },
  {
    name: 'a plan that is renewed meanwhile',
    relays: [0, 0],
    role: 'user',
    limits: {},
    plan: { tokens: 200, redeemed: 150 },
    requests: [stream(0), whole(1), stream(1)],
  },
  {
    name: 'the defaults of a user, a minute apart, clocks apart',
    relays: [0, 45_000],
    role: 'user',
    limits: { requestsPerMinute: 1, tokensPerDay: 1_000, maxConcurrent: 2 },
    requests: [stream(0), whole(1), whole(0, 61_000)],
  },
  {
    name: 'an account without a map of holds',
    relays: [0, 0],
    role: 'admin',
    limits: { requestsPerMinute: 2, maxConcurrent: 2 },
    lacksHolds: true,
    requests: [whole(0), stream(1), whole(0)],
  },
  {
    name: 'two credentials',
    relays: [0],
    role: 'admin',
    limits: { requestsPerMinute: 3, tokensPerDay: 300 },
    credentials: 2,
    requests: [stream(0), whole(0)],
  },
  {
    name: 'roll-ups',
    relays: [0, 0],
    role: 'admin',
    limits: { requestsPerMinute: 3 },
    rollsUp: true,
    requests: [stream(0), whole(1)],
  },
  {
    name: 'a plan that is renewed between two requests',
    relays: [0],
    role: 'user',
    limits: {},
    plan: { tokens: 200, redeemed: 150, redeemedAfterMs: 2_000 },
    requests: [stream(0), whole(0, 4_000)],
  },
  {
    name: 'credentials with limits of their own',
    relays: [0, 0],
    role: 'admin',
    limits: { tokensPerDay: 300 },
    credentials: 2,
    credentialLimits: { requestsPerMinute: 1, tokensPerDay: 100 },
    requests: [stream(0), whole(1), stream(1)],
  },
  {
    name: 'only credentials have limits, one dies between the accounts',
    relays: [0],
    role: 'admin',
    limits: {},
    credentials: 2,
    credentialLimits: { maxConcurrent: 1, budgetMicrosPerMonth: 500 },
    given: ['dies-before at UpdateItem account (settle) by relay'],
    requests: [stream(0), whole(0)],
  },
  {
    name: 'only credentials have limits',
    relays: [0],
    role: 'admin',
    limits: {},
    credentials: 2,
    credentialLimits: { tokensPerDay: 100 },
    requests: [stream(0)],
  },
  {
    name: 'requests per minute, one after the other',
    relays: [0, -20_000],
    role: 'admin',
    limits: { requestsPerMinute: 1 },
    requests: [stream(0), whole(0, 2_000), whole(1, 4_000), stream(1, 6_000)],
  },
  {
    name: 'a credential that refuses, with limits',
    relays: [0],
    role: 'admin',
    limits: { requestsPerMinute: 5 },
    credentials: 2,
    credentialLimits: { requestsPerMinute: 5, tokensPerDay: 500 },
    given: ['status-429 at upstream start'],
    requests: [stream(0)],
  },
  {
    name: 'every store',
    relays: [0, 0],
    role: 'user',
    limits: { requestsPerMinute: 5 },
    everyStore: true,
    requests: [stream(0), whole(1)],
  },
  {
    name: 'every store, and credentials that rest',
    relays: [0, 0],
    role: 'admin',
    limits: { requestsPerMinute: 5 },
    credentials: 2,
    credentialLimits: { requestsPerMinute: 4 },
    everyStore: true,
    given: Array.from({ length: 4 }, () => 'status-429 at upstream start'),
    requests: [stream(0), whole(1), whole(0, 3_500), stream(1, 3_500)],
  },
  {
    name: 'died before it settled',
    relays: [0],
    role: 'admin',
    limits: { tokensPerDay: 100 },
    given: ['dies-before at UpdateItem account (settle) by relay'],
    requests: [stream(0)],
  },
  {
    name: 'slept through the margin',
    relays: [0],
    role: 'admin',
    limits: { tokensPerDay: 100, maxConcurrent: 1 },
    given: ['frozen at upstream start'],
    requests: [stream(0)],
  },
  {
    name: 'an admission that lands behind the sweep',
    relays: [0],
    role: 'admin',
    limits: { tokensPerDay: 100 },
    given: ['later at UpdateItem account (admit)'],
    requests: [whole(0)],
  },
  {
    name: 'an event that lands behind the sweep',
    relays: [0],
    role: 'admin',
    limits: {},
    given: ['later-for-good at PutItem event'],
    requests: [whole(0)],
  },
  {
    name: 'died before it was let in, its event behind the roll-up',
    relays: [0],
    role: 'admin',
    limits: {},
    rollsUp: true,
    given: ['dies-later at PutItem event'],
    requests: [whole(0)],
  },
  {
    name: 'swept by hand while they run',
    relays: [0],
    role: 'admin',
    limits: { tokensPerDay: 200 },
    sweptByHand: true,
    givesUp: ['nothing-unheld-is-spent', 'spend-within-limit'],
    requests: [stream(0), whole(0)],
  },
  {
    name: 'together in one write',
    relays: [0],
    role: 'admin',
    limits: { tokensPerDay: 150, maxConcurrent: 3 },
    grouped: true,
    requests: [stream(0), whole(0), stream(0), whole(0)],
  },
  {
    name: 'together, under a plan, with limited credentials',
    relays: [0, 0],
    role: 'user',
    limits: { requestsPerMinute: 4 },
    plan: { tokens: 200, redeemed: 150 },
    credentials: 2,
    credentialLimits: { tokensPerDay: 150 },
    grouped: true,
    requests: [whole(0), whole(0), whole(0), stream(1), stream(1)],
  },
  {
    name: 'a code that four redeem, one of them somebody else',
    relays: [0, 0],
    role: 'user',
    limits: {},
    codes: { made: [{ text: 'ONE', type: 'daily', tokens: 150 }] },
    redemptions: [redeems('ONE'), redeems('ONE'), redeems('ONE', { userId: 'usr_2' }), redeems('ONE')],
    requests: [stream(0), whole(1), stream(1)],
  },
  {
    name: 'codes that extend a plan which is nearly used up',
    relays: [0, 0],
    role: 'user',
    limits: { requestsPerMinute: 5 },
    codes: {
      before: 'daily',
      beforeTokens: 60,
      made: [
        { text: 'ONE', type: 'daily', tokens: 50 },
        { text: 'TWO', type: 'daily', tokens: 70 },
      ],
    },
    redemptions: [redeems('ONE'), redeems('TWO'), redeems('TWO'), redeems('ONE', { afterMs: 2_000 })],
    requests: [stream(0), whole(1), stream(1), whole(0, 4_000)],
  },
  {
    name: 'a code whose plan replaces another',
    relays: [0],
    role: 'user',
    limits: {},
    codes: { before: 'weekly', beforeTokens: 200, made: [{ text: 'ONE', type: 'daily', tokens: 120 }] },
    redemptions: [redeems('ONE'), redeems('ONE', { userId: 'usr_2', afterMs: 1_000 })],
    requests: [stream(0), whole(0, 2_000)],
    grouped: true,
  },
  {
    name: 'a refresh token that several present',
    relays: [0],
    role: 'user',
    limits: {},
    way: 'refresh',
    requests: [],
  },
  {
    name: 'keys that are made and deleted at once',
    relays: [0],
    role: 'user',
    limits: {},
    way: 'keys',
    requests: [],
  },
];
