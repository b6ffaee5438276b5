import { changeKeyInput, createKeyInput, keyView } from '../../../../layers/contract/keys.ts';
import {
  changeOfForm,
  EMPTY_KEY,
  faultyFields,
  fieldOfPath,
  formOfKey,
  newKeyOfForm,
} from '../../../../admin-web/src/features/keys/key-form.ts';

const now = Date.parse('2026-11-21T12:00:00Z');

const key = keyView.parse({
  id: 'key_1',
  name: 'bot',
  owner_id: 'usr_1',
  owner: 'mira',
  preview: 'sk-…',
  is_active: true,
  models: ['a'],
  status: 'active',
  limits: {
    requestsPerMinute: 60,
    requests_per_minute: 60,
    tokensPerDay: -1,
    budgetMicrosPerMonth: 1_500_000,
    perDay: { chat: 20, image: 0 },
  },
  limits_used: [],
  allowed_ips: ['10.0.0.0/8'],
  channel: null,
  description: 'at night',
  metadata: { team: 'a', seats: 3, trial: true, end: null },
  expires_at: '2027-01-31T10:20:30.400Z',
  created_at: '2026-11-01T00:00:00.000Z',
  last_used_at: null,
});

describe('the form of a key', () => {
  it('sends a new key with nothing but what was filled in', () => {
    expect(newKeyOfForm({ ...EMPTY_KEY, name: ' bot ' }, now)).toEqual({ name: 'bot' });
    const filled = {
      ...EMPTY_KEY,
      name: 'bot',
      imagePerDay: 0,
      budgetPerMonth: 1.5,
      models: ['a'],
      lifetime: '30d' as const,
    };
    expect(newKeyOfForm(filled, now)).toEqual({
      name: 'bot',
      models: ['a'],
      limits: { budgetMicrosPerMonth: 1_500_000, perDay: { image: 0 } },
      expires_at: '2026-12-21T12:00:00.000Z',
    });
  });

  it('left alone changes nothing: neither the seconds of the end nor the kinds of the notes', () => {
    const change = changeOfForm(formOfKey(key), key, now);
    expect(change).toEqual({
      name: 'bot',
      models: ['a'],
      limits: { requestsPerMinute: 60, budgetMicrosPerMonth: 1_500_000, perDay: { chat: 20, image: 0 } },
      expires_at: key.expires_at,
      allowed_ips: ['10.0.0.0/8'],
      channel: null,
      description: 'at night',
      metadata: { team: 'a', seats: 3, trial: true, end: null },
    });
    expect(changeKeyInput.safeParse(change).success).toBe(true);
  });

  it('emptied lifts every rule', () => {
    const change = changeOfForm({ ...EMPTY_KEY, name: 'bot' }, key, now);
    expect(change).toEqual({
      name: 'bot',
      models: ['*'],
      limits: {},
      expires_at: null,
      allowed_ips: [],
      channel: null,
      description: null,
      metadata: null,
    });
  });

  it('knows what the API would refuse, field by field', () => {
    const form = {
      ...EMPTY_KEY,
      name: '',
      lifetime: 'date' as const,
      allowedIps: ['10.0.0.0/33'],
      channel: 'a b',
      chatPerDay: -5,
      secret: 'short',
    };
    expect([...faultyFields(form, now)].toSorted()).toEqual(
      ['allowedIps', 'channel', 'chatPerDay', 'expiresAt', 'name', 'secret'].toSorted(),
    );
    expect(createKeyInput.safeParse(newKeyOfForm({ ...EMPTY_KEY, name: 'a' }, now)).success).toBe(true);
  });

  it('finds the field that the server speaks of', () => {
    expect(fieldOfPath('allowed_ips[1]')).toBe('allowedIps');
    expect(fieldOfPath('limits.perDay.chat')).toBe('chatPerDay');
    expect(fieldOfPath('metadata.a')).toBe('metadata');
    expect(fieldOfPath('unheard_of')).toBeNull();
  });
});
