import type { BrokenLine } from '../broken-source.ts';

/** A line of the refresh, broken on purpose, and the promise that must be seen to break. */
export interface RefreshBreakage extends BrokenLine {
  what: string;
  breaks: string;
}

const RULES = 'layers/core/credentials/refresh/rules.ts';
const MACHINE = 'layers/core/credentials/refresh/machine.ts';

export const REFRESH_BREAKAGES: readonly RefreshBreakage[] = [
  {
    name: 'begin-over-an-intent',
    what: 'begins although an intent stands there',
    file: RULES,
    line: '      intent: null,\n      ...(mayRetryInvalid',
    instead: '      ...(mayRetryInvalid',
    breaks: 'one-exchange-per-rotation',
  },
  {
    name: 'begin-at-any-rotation',
    what: 'begins with a refresh token that was read before another one came',
    file: RULES,
    line: '      rotation: row.rotation,\n      intent: null,',
    instead: '      intent: null,',
    breaks: 'one-exchange-per-rotation',
  },
  {
    name: 'begin-after-a-lease',
    what: 'takes a lease that is over for leave to begin',
    file: MACHINE,
    line: "if (mayInsist || (policy.ambiguous === 'send-once-more' && !row.isRepeated)) return takeOver(machine, row, now);",
    instead: 'return takeOver(machine, row, now);',
    breaks: 'one-exchange-per-rotation',
  },
  {
    name: 'clear-after-silence',
    what: 'takes a lost answer for a refusal',
    file: MACHINE,
    line: "    case 'unknown':\n      return flag(machine, ours(machine, row, text), now);",
    instead:
      "    case 'unknown':\n      return clear(machine, row, { outcome: 'failed', text }, { now, retryAfterMs: null });",
    breaks: 'one-exchange-per-rotation',
  },
  {
    name: 'server-error-is-a-refusal',
    what: 'takes a 5xx for a refusal where the server is not known for it',
    file: MACHINE,
    line: "if (policy.serverError === 'unknown') return flag(machine, ours(machine, row, text), now);",
    instead: '',
    breaks: 'one-exchange-per-rotation',
  },
  {
    name: 'clear-of-others',
    what: 'clears whatever intent stands there',
    file: RULES,
    line: '    when: { intent: attempt },\n    set: { ...SETTLED, backOff',
    instead: '    when: {},\n    set: { ...SETTLED, backOff',
    breaks: 'one-exchange-per-rotation',
  },
  {
    name: 'save-at-any-rotation',
    what: 'saves over what an operator gave meanwhile',
    file: RULES,
    line: '    when: { rotation: row.rotation },\n    set: {\n      ...SETTLED,\n      ...access,',
    instead: '    when: {},\n    set: {\n      ...SETTLED,\n      ...access,',
    breaks: 'the-operator-is-not-overruled',
  },
  {
    name: 'save-under-the-lease',
    what: 'drops an answer that comes after the lease',
    file: MACHINE,
    line: "    case 'granted':\n",
    instead:
      "    case 'granted':\n      if (now >= machine.facts.startedAt + LEASE_MS) return done(machine, 'failed', 'Too late.');\n",
    breaks: 'every-token-is-saved',
  },
  {
    name: 'save-under-the-intent',
    what: 'saves under its own intent only, which somebody may have taken over',
    file: RULES,
    line: '    when: { rotation: row.rotation },\n    set: {\n      ...SETTLED,\n      ...access,',
    instead: '    when: { rotation: row.rotation, intent: attempt },\n    set: {\n      ...SETTLED,\n      ...access,',
    breaks: 'late-answers-count',
  },
  {
    name: 'save-once',
    what: 'gives up when the store fails once',
    file: MACHINE,
    line: "if (lost >= MOST_SAVE_TRIES) return setAside(machine, row, grant, 'unsaved');",
    instead: "return done(machine, 'failed', 'The store failed.');",
    breaks: 'every-token-is-saved',
  },
  {
    name: 'nothing-aside-superseded',
    what: 'drops tokens that came after the operator gave another one',
    file: MACHINE,
    line: "    return setAside(machine, row, grant, 'superseded');",
    instead: "    return done(machine, 'superseded', 'Too late.');",
    breaks: 'every-token-is-saved',
  },
  {
    name: 'nothing-aside-unsaved',
    what: 'drops tokens that could not be saved',
    file: MACHINE,
    line: "if (lost >= MOST_SAVE_TRIES) return setAside(machine, row, grant, 'unsaved');",
    instead: "if (lost >= MOST_SAVE_TRIES) return done(machine, 'unsaved', 'The store failed.');",
    breaks: 'every-token-is-saved',
  },
  {
    name: 'nothing-in-the-log',
    what: 'drops tokens that no store takes',
    file: MACHINE,
    line: "{ ...alarm(machine, 'credential_tokens_in_log', text), grant }",
    instead: "alarm(machine, 'credential_tokens_in_log', text)",
    breaks: 'every-token-is-saved',
  },
  {
    name: 'no-old-token',
    what: 'saves what a server that does not rotate did not send',
    file: RULES,
    line: 'refreshToken: grant.refreshToken ?? row.refreshToken,',
    instead: 'refreshToken: grant.refreshToken,',
    breaks: 'the-refresh-token-stays',
  },
  {
    name: 'same-rotation',
    what: 'saves without counting the rotation',
    file: RULES,
    line: '      ...access,\n      rotation: row.rotation + 1,',
    instead: '      ...access,',
    breaks: 'one-exchange-per-rotation',
  },
  {
    name: 'silent-unknown',
    what: 'tells nobody of an attempt of unknown outcome',
    file: MACHINE,
    line: "  return { ...step, alarms: [{ ...alarm(machine, 'credential_refresh_ambiguous', reason), attempt }] };",
    instead: '  return step;',
    breaks: 'nothing-ambiguous-is-silent',
  },
  {
    name: 'told-afterwards',
    what: 'forgets an intent whose lease is over',
    file: MACHINE,
    line: "    return flag(machine, { attempt: row.intent, rotation: row.rotation, reason: BROKEN_OFF }, now);",
    instead: "    return done(machine, 'busy', BROKEN_OFF);",
    breaks: 'nothing-ambiguous-is-silent',
  },
  {
    name: 'nobody-looks',
    what: 'lets no sweep come by an attempt that broke off',
    file: RULES,
    line: '    dueAt: until,',
    instead: '    dueAt: null,',
    breaks: 'nothing-ambiguous-is-silent',
  },
  {
    name: 'invalid-at-any-rotation',
    what: 'disables a credential whose token was replaced meanwhile',
    file: RULES,
    line: '    when: { rotation: row.rotation, intent: attempt },',
    instead: '    when: {},',
    breaks: 'no-good-token-is-disabled',
  },
  {
    name: 'own-intent-is-foreign',
    what: 'does not know its own intent when the answer to it was lost',
    file: MACHINE,
    line: 'if (row.intent === attempt && machine.mayHold) {',
    instead: 'if (attempt === null) {',
    breaks: 'no-false-alarm',
  },
  {
    name: 'own-saving-is-foreign',
    what: 'does not know its own tokens when the answer to their saving was lost',
    file: MACHINE,
    line: "if (news.row?.savedBy.includes(machine.facts.attempt)) return done(machine, 'refreshed', 'It is refreshed.');",
    instead: '',
    breaks: 'nothing-is-put-aside-for-nothing',
  },
];
