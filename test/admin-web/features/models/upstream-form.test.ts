import { upstreamFields } from '@sluice/contract/upstreams';
import { isGatewayError } from '@sluice/kit/errors/gateway-error';
import { addressUpstream } from '@sluice/llm/upstreams/upstreams';
import {
  emptyUpstream,
  faultsOfUpstream,
  formOfUpstream,
  upstreamOf,
} from '../../../../admin-web/src/features/models/upstream-form.ts';
import { FORMATS_OF, PRESETS } from '../../../../admin-web/src/features/models/upstream-presets.ts';
import type { Upstream } from '../../../../admin-web/src/lib/api/upstreams.ts';

const UPSTREAM: Upstream = {
  name: 'openai',
  format: 'openai-responses',
  vendor: 'openai',
  baseUrl: 'https://api.openai.com/v1',
  oauth: {
    tokenUrl: 'https://auth.example.com/token',
    authorizeUrl: null,
    clientId: 'app_1',
    hasClientSecret: true,
    clientAuth: 'basic',
    scope: 'openid',
    extra: { audience: 'a=b', empty: '' },
    policy: { serverError: 'unknown', serverErrorTries: 3, ambiguous: 'stop' },
  },
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
};

describe('the form of an upstream', () => {
  it('sends back what was stored, and no secret, which keeps the stored one', () => {
    const { format, vendor, baseUrl, oauth } = UPSTREAM;
    const { hasClientSecret: _known, ...client } = oauth!;
    const sent = upstreamOf(formOfUpstream(UPSTREAM));
    expect(upstreamFields.parse(sent)).toEqual(upstreamFields.parse({ format, vendor, baseUrl, oauth: client }));
    expect(sent.oauth).not.toHaveProperty('clientSecret');
  });

  it('forgets the stored secret only when told so, and the client when it is switched off', () => {
    const form = formOfUpstream(UPSTREAM);
    const forgetting = { ...form, oauth: { ...form.oauth, forgetSecret: true, clientSecret: 'typed' } };
    expect(upstreamOf(forgetting).oauth).toMatchObject({ clientSecret: null });
    expect(upstreamOf({ ...form, hasOAuth: false }).oauth).toBeNull();
  });

  it('names the fields at fault', () => {
    const form = formOfUpstream(UPSTREAM);
    expect(faultsOfUpstream(form)).toEqual({});
    const oauth = { ...form.oauth, tokenUrl: '', clientId: ' ', extra: 'grant_type=x', serverErrorTries: '' };
    expect(faultsOfUpstream({ ...form, name: 'a b', baseUrl: 'nowhere', oauth })).toEqual({
      name: 'name',
      baseUrl: 'baseUrl',
      'oauth.tokenUrl': 'tokenUrl',
      'oauth.clientId': 'clientId',
      'oauth.extra': 'extra',
      'oauth.serverErrorTries': 'serverErrorTries',
    });
    expect(faultsOfUpstream(form, ['openai'])).toEqual({ name: 'taken' });
  });
});

describe('presets', () => {
  it('are complete where they name an address, and there is one for every vendor', () => {
    expect(PRESETS.map(({ id }) => id).toSorted()).toEqual(Object.keys(FORMATS_OF).toSorted());
    for (const { id, baseUrl } of PRESETS.filter((preset) => preset.baseUrl !== '')) {
      expect([id, faultsOfUpstream(emptyUpstream(id))]).toEqual([id, {}]);
      expect(new URL(baseUrl).protocol).toBe('https:');
    }
  });

  it('offer the formats that a vendor can be asked in, and no other', () => {
    const formats = upstreamFields.shape.format.options;
    for (const [vendor, offered] of Object.entries(FORMATS_OF)) {
      const spoken = formats.filter((format) => {
        const baseUrl = 'https://bedrock-runtime.us-east-1.amazonaws.com';
        const facts = { upstream: 'u', format, baseUrl, credentialKind: 'api_key', secret: 's', headers: {} } as const;
        return !isGatewayError(addressUpstream(vendor, facts));
      });
      expect([vendor, [...offered].toSorted()]).toEqual([vendor, spoken.toSorted()]);
    }
  });
});
