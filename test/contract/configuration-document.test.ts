import { configurationDocument } from '../../layers/contract/configuration-document.ts';
import { listIssues } from '../../layers/contract/issues.ts';

function issuesOf(document: unknown): { path: string; message: string }[] {
  const parsed = configurationDocument.safeParse(document);
  return parsed.success ? [] : listIssues(parsed.error);
}

const upstream = { name: 'a', format: 'openai-chat', vendor: 'openai', baseUrl: 'https://a.example' };
const model = { name: 'm', routes: [{ upstream: 'a', model: 'm' }] };

describe('the configuration document', () => {
  it('takes a document of one section, as the local stack sends it at its start', () => {
    const settings = { apiDocs: true, allowedUpstreamNetworks: ['127.0.0.0/8', '::1/128'] };
    expect(configurationDocument.parse({ settings })).toMatchObject({ settings, upstreams: [], keys: [] });
  });

  it.each([
    ['an unknown section', { zz: 1 }, 'zz'],
    ['an unknown field of an entry', { upstreams: [upstream, { ...upstream, colour: 1 }] }, 'upstreams[1].colour'],
    [
      'an unknown field of a nested entry',
      { models: [{ ...model, routes: [{ ...model.routes[0], x: 1 }] }] },
      'models[0].routes[0].x',
    ],
    ['an unknown limit', { keys: [{ name: 'k', limits: { perDay: { cat: 1 } } }] }, 'keys[0].limits.perDay.cat'],
    ['an unknown format', { upstreams: [{ ...upstream, format: 'soap' }] }, 'upstreams[0].format'],
    ['a version that is not ours', { version: 2 }, 'version'],
    ['a short chosen key', { keys: [{ name: 'k', secret: 'x'.repeat(31) }] }, 'keys[0].secret'],
    [
      'a network without bits',
      { settings: { allowedUpstreamNetworks: ['10.0.0.0'] } },
      'settings.allowedUpstreamNetworks[0]',
    ],
    [
      'an OAuth client without an id',
      { upstreams: [{ ...upstream, oauth: { tokenUrl: 'x' } }] },
      'upstreams[0].oauth.clientId',
    ],
    [
      'a field of the grant itself',
      { upstreams: [{ ...upstream, oauth: { tokenUrl: 'x', clientId: 'y', extra: { grant_type: 'z' } } }] },
      'upstreams[0].oauth.extra',
    ],
    [
      'a credential of no known kind',
      { credentials: [{ upstream: 'a', name: 'c', kind: 'magic' }] },
      'credentials[0].kind',
    ],
    ['a user without a name', { users: [{ email: 'a@example.com' }] }, 'users[0].username'],
    ['a plan without a limit', { plans: [{ name: 'p', plan_type: 'daily' }] }, 'plans[0].token_limit'],
    ['a short machine secret', { machineSecrets: [{ name: 'm', secret: 's' }] }, 'machineSecrets[0].secret'],
    [
      'a price of seven decimals',
      { models: [{ ...model, price: { inputPerMillion: 0.1234567 } }] },
      'models[0].price.inputPerMillion',
    ],
    ['a model without routes', { models: [{ ...model, routes: [] }] }, 'models[0].routes'],
    ['a list for a document', [], '$'],
  ])('refuses %s and names the path', (_what, document, path) => {
    expect(issuesOf(document).map((issue) => issue.path)).toContain(path);
  });

  it('names every unknown field by its own path', () => {
    expect(issuesOf({ one: 1, two: 2 }).map((issue) => issue.path)).toEqual(['one', 'two']);
  });

  it('lets sections stand empty', () => {
    expect(issuesOf({ users: [], plans: [], machineSecrets: [], upstreams: [{ ...upstream, oauth: null }] })).toEqual(
      [],
    );
  });

  it('reads prices into integer micros', () => {
    const parsed = configurationDocument.parse({
      models: [{ ...model, price: { inputPerMillion: 1.25, perImage: 0.04 } }],
    });
    expect(parsed.models[0]?.price).toMatchObject({ inputMicros: 1_250_000, imageMicros: 40_000, outputMicros: 0 });
  });
});
