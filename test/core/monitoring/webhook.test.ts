import { DEFAULT_RULES } from '../../../layers/core/monitoring/default-rules.ts';
import { webhookPayload } from '../../../layers/core/monitoring/deliver.ts';
import { testAlert } from '../../../layers/core/monitoring/notices.ts';
import { checkWebhookAddress } from '../../../layers/core/monitoring/webhook-address.ts';
import { createWebhookSalt, signedHeaders, webhookSecret } from '../../../layers/core/monitoring/webhook-secret.ts';
import { isSignedBy, PEPPER } from './rig.ts';
import { aRule, NOON } from './rules.ts';

describe('a webhook’s secret', () => {
  const facts = { pepper: PEPPER, webhookId: 'whk_one', salt: 'salt' };

  it('is 32 bytes behind whsec_, the same each time, and another for every webhook, salt and pepper', () => {
    const secret = webhookSecret(facts);
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(webhookSecret(facts)).toBe(secret);
    const others = [
      { ...facts, webhookId: 'whk_two' },
      { ...facts, salt: 'other' },
      { ...facts, pepper: `${PEPPER}x` },
    ].map(webhookSecret);
    expect(new Set([secret, ...others]).size).toBe(4);
    expect(createWebhookSalt()).not.toBe(createWebhookSalt());
  });
});

describe('a signature', () => {
  // The example of https://github.com/standard-webhooks/standard-webhooks/blob/main/libraries/javascript/src/index.test.ts
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestampMs: 1_614_265_330_000, body: '{"test": 2432232314}' };

  it('is the one that the standard’s own libraries make', () => {
    expect(signedHeaders(secret, message)).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('fits its message and no other', () => {
    const headers = signedHeaders(secret, message);
    expect(isSignedBy(secret, { headers, body: message.body })).toBe(true);
    expect(isSignedBy(secret, { headers, body: `${message.body} ` })).toBe(false);
    expect(isSignedBy(secret, { headers: { ...headers, 'webhook-timestamp': '1' }, body: message.body })).toBe(false);
    expect(
      isSignedBy(webhookSecret({ pepper: PEPPER, webhookId: 'x', salt: '' }), { headers, body: message.body }),
    ).toBe(false);
  });
});

describe('the payload', () => {
  it('says what happened, in both languages, and where to read on', () => {
    const rule = DEFAULT_RULES[0]!;
    const payload = webhookPayload({ kind: 'alert.test', alert: testAlert(rule, NOON), createdAt: NOON });
    expect(payload).toMatchObject({
      type: 'alert.test',
      timestamp: '2026-03-01T12:00:00.000Z',
      data: { rule: { id: 'error-rate' }, resolvedAt: null, runbook: 'docs/runbook.md#error-rate' },
    });
    expect(payload.data.summary).toEqual({
      en: 'Error rate: 5 % (rule > 5 %, 5 min)',
      zh: '错误率：5 %（条件 > 5 %，5 分钟）',
    });
    const own = webhookPayload({ kind: 'alert.fired', alert: testAlert(aRule(), NOON), createdAt: NOON });
    expect(own.data.runbook).toBe('docs/runbook.md');
  });
});

describe('a webhook’s address', () => {
  const LOOPBACK = ['127.0.0.0/8', '::1/128'];
  it.each<[string, string[], RegExp | null]>([
    ['https://hooks.example.com/a?b=c', [], null],
    ['http://hooks.example.com/', [], /https/],
    ['http://hooks.example.com/', LOOPBACK, null],
    ['http://127.0.0.1:9000/', LOOPBACK, null],
    ['http://localhost:9000/', LOOPBACK, null],
    ['https://localhost/', [], /outside/],
    ['https://127.0.0.1/', [], /outside/],
    ['https://10.1.2.3/', LOOPBACK, /outside/],
    ['https://169.254.169.254/latest/meta-data', [], /outside/],
    ['https://[::ffff:10.0.0.1]/', [], /outside/],
    ['https://[fd00::1]/', ['fd00::/8'], null],
    ['http://8.8.8.8/', LOOPBACK, /https/],
    ['https://user:pw@hooks.example.com/', [], /password/],
    ['ftp://hooks.example.com/', [], /Expected/],
    ['hooks', [], /Expected/],
  ])('%s with %j: %s', (url, networks, refusal) => {
    const message = checkWebhookAddress(url, networks);
    if (refusal === null) expect(message).toBeNull();
    else expect(message).toMatch(refusal);
  });
});
