import type { Breakage } from './breakage.ts';

const REDEEM = 'layers/core/plans/redeem.ts';
const PLAN_TERMS = 'layers/core/plans/plan-terms.ts';
const CODE_TABLE = 'layers/aws/tables/redemption-codes.ts';
const PLAN_TABLE = 'layers/aws/tables/plan-grants.ts';

const KEY_TABLE = 'layers/aws/tables/identity-keys.ts';
const SESSION_TABLE = 'layers/aws/tables/sessions.ts';
const SESSIONS = 'layers/core/identity/sessions.ts';

const REDEEMS = 'TransactWriteItems codes + account + codeCounts';

/** Lines of redemption, of keys and of sessions that are broken on purpose. */
export const CONTROL_BREAKAGES: readonly Breakage[] = [
  {
    name: 'redeem-used',
    what: 'redeems a code that was used meanwhile',
    file: CODE_TABLE,
    line: '`attribute_exists(${PARTITION_KEY}) AND attribute_not_exists(#redemption)`',
    instead:
      '`attribute_exists(${PARTITION_KEY}) AND (attribute_not_exists(#redemption) OR attribute_exists(#redemption))`',
    breaks: 'a-code-counts-once',
    scenario: 'a code that four redeem, one of them somebody else',
  },
  {
    name: 'redeem-unseen',
    what: 'writes a plan that was computed from another than is there',
    file: PLAN_TABLE,
    line: "condition: '#entitlement = :seen',",
    instead: "condition: '#entitlement >= :seen',",
    breaks: 'plans-are-the-sum',
    scenario: 'codes that extend a plan which is nearly used up',
  },
  {
    name: 'redeem-apart',
    what: 'uses up the code without the account',
    file: CODE_TABLE,
    line: "{ kind: 'update', ...account },",
    instead: '',
    breaks: 'a-code-counts-once',
    scenario: 'a code that four redeem, one of them somebody else',
  },
  {
    name: 'redeem-uncounted',
    what: 'does not count a code that was used',
    file: CODE_TABLE,
    line: '...countedCodes(identity, [code], { used: 1 }),',
    instead: '',
    breaks: 'numbers-of-codes',
    scenario: 'a code whose plan replaces another',
  },
  {
    name: 'redeem-own',
    what: 'does not know its own redemption again',
    file: REDEEM,
    line: "if (redemption.attempt === attempt) return { outcome: 'redeemed', redemption };",
    instead: '',
    breaks: 'answers-are-true',
    scenario: 'a code whose plan replaces another',
    faults: [`lost-after at ${REDEEMS}`],
  },
  {
    name: 'extend-from-now',
    what: 'extends a plan from now on, and not from its end',
    file: PLAN_TERMS,
    line: 'expiresAt: endOfPlan(type, inForce.expiresAt, offsetMinutes),',
    instead: 'expiresAt: endOfPlan(type, nowMs, offsetMinutes),',
    breaks: 'plans-are-the-sum',
    scenario: 'codes that extend a plan which is nearly used up',
  },
  {
    name: 'forget-plan',
    what: 'gives an extended plan another id, so that what was used of it is forgotten',
    file: PLAN_TERMS,
    line: '...inForce,',
    instead: '...inForce, id: newId,',
    breaks: 'what-was-used-stays-used',
    scenario: 'codes that extend a plan which is nearly used up',
  },
  {
    name: 'keys-unlimited',
    what: 'makes a key however many there are',
    file: KEY_TABLE,
    line: 'condition: most === null ? EXISTS : `${EXISTS} AND #count < :most`,',
    instead: 'condition: most === null ? EXISTS : `${EXISTS} AND (#count < :most OR #count >= :most)`,',
    breaks: 'keys-within-limit',
    scenario: 'keys that are made and deleted at once',
  },
  {
    name: 'rotate-unseen',
    what: 'begins a generation of refresh tokens that has begun already',
    file: SESSION_TABLE,
    line: "expression: '#refresh.#generation = :generation',",
    instead: "expression: '#refresh.#generation >= :generation',",
    breaks: 'one-refresh-token',
    scenario: 'a refresh token that several present',
  },
  {
    name: 'grace-for-ever',
    what: 'gives the last refresh token its successor at any time',
    file: SESSIONS,
    line: 'if (isLast && now - refresh.rotatedAt <= REFRESH_GRACE_MS) return',
    instead: 'if (isLast) return',
    breaks: 'one-refresh-token',
    scenario: 'a refresh token that several present',
  },
];
