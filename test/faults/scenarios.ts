import type { KeyLimits } from '../../layers/core/identity/store.ts';

/** One request of a scenario. */
interface PlannedRequest {
  relay: number;
  stream: boolean;
  maxTokens?: number;
  model?: string;
  /** The clock moves before it begins. */
  afterMs?: number;
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
  plan?: { tokens: number; redeemed: number };
  credentials?: number;
  /** Roll-ups are made too, before and after the late closings. */
  rollsUp?: boolean;
}

const stream = (relay: number, afterMs = 0): PlannedRequest => ({ relay, stream: true, afterMs });
const whole = (relay: number, afterMs = 0): PlannedRequest => ({ relay, stream: false, afterMs });

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
];
