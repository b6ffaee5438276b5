import { createOpener } from '../../../layers/core/credentials/sealing.ts';
import { credentialAssociatedData } from '../../../layers/core/credentials/sealing-port.ts';
import { generateApiKey, isPlausibleApiKey } from '../../../layers/kit/ids/api-key.ts';
import { aDocument, createStage, VAULT_SEED, type Answered, type Json, type Stage } from './support/admin-stage.ts';

async function importInto(stage: Stage, document: unknown): Promise<Answered> {
  const headers = await stage.as('super_admin');
  return stage.call('/api/admin/import', { body: document, headers });
}

async function exportFrom(stage: Stage): Promise<Json> {
  return (await stage.call('/api/admin/export', { headers: await stage.as('super_admin') })).json;
}

/** Everything that is stored, as text; users aside, since the first look at the owner makes the administrator. */
function storedIn(stage: Stage): string {
  const { keys } = stage.identity.rows;
  const { upstreams, credentials } = stage.vault.rows;
  const { models, prices } = stage.catalog.rows;
  return JSON.stringify([keys, upstreams, credentials, models, prices].map((rows) => [...rows]));
}

describe('importing a configuration document', () => {
  it('makes everything in it and says so', async () => {
    const stage = createStage();
    const { status, json } = await importInto(stage, aDocument());
    expect(status).toBe(200);
    expect(json.data.created).toEqual([
      'upstreams/openai',
      'credentials/openai/team-a',
      'models/gpt-5',
      'keys/admin/ci',
      'keys/admin/laptop',
    ]);
    expect(json.data.updated).toEqual(['settings']);
    expect(json.data.warnings).toEqual([]);
  });

  it('shows a generated key once and a chosen one not at all', async () => {
    const stage = createStage();
    const first = (await importInto(stage, aDocument())).json.data.keys;
    const second = (await importInto(stage, aDocument())).json.data.keys;
    expect(first[0]).toEqual({ name: 'ci', owner: 'admin' });
    expect(first[1].secret).toMatch(/^sk-sluice1-/);
    expect(isPlausibleApiKey(first[1].secret)).toBe(true);
    expect(second).toEqual([
      { name: 'ci', owner: 'admin' },
      { name: 'laptop', owner: 'admin' },
    ]);
  });

  it('changes nothing the second time', async () => {
    const stage = createStage();
    await importInto(stage, aDocument());
    const before = storedIn(stage);
    stage.now.ms += 60_000;
    const { data } = (await importInto(stage, aDocument())).json;
    expect([data.created, data.updated]).toEqual([[], []]);
    expect(data.unchanged).toHaveLength(6);
    expect(storedIn(stage)).toBe(before);
  });

  it('stores keys as digests and credentials sealed to their own row', async () => {
    const stage = createStage();
    await importInto(stage, aDocument());
    expect(storedIn(stage)).not.toMatch(/sk-upstream-secret-text|chosen-key-of/);
    const [credential] = [...stage.vault.rows.credentials.values()];
    if (!credential?.secret) throw new Error('no credential');
    const opener = createOpener({ seeds: { v1: VAULT_SEED } });
    expect(await opener.open(credential.secret, credentialAssociatedData(credential))).toBe('sk-upstream-secret-text');
    await expect(
      opener.open(credential.secret, credentialAssociatedData({ ...credential, id: 'x' })),
    ).rejects.toThrow();
  });

  it('asks the vault for its key once, and only when something is to be sealed', async () => {
    const stage = createStage();
    await importInto(stage, { settings: { apiDocs: false } });
    expect(stage.vaultAsked()).toBe(0);
    await importInto(stage, aDocument());
    await importInto(stage, {
      ...aDocument(),
      credentials: [{ ...aDocument().credentials[0], secret: 'another-secret' }],
    });
    expect(stage.vaultAsked()).toBe(1);
  });

  it('writes nothing when the vault cannot be reached', async () => {
    const stage = createStage({ publishVaultKey: () => Promise.reject(new Error('no vault')) });
    const before = storedIn(stage);
    expect((await importInto(stage, aDocument())).status).toBe(500);
    expect(storedIn(stage)).toBe(before);
    expect((await stage.catalog.readSettings()).apiDocs).toBe(false);
  });

  it('updates what differs and keeps what the document leaves out', async () => {
    const stage = createStage();
    await importInto(stage, aDocument());
    const [before] = [...stage.vault.rows.credentials.values()];
    await importInto(stage, { credentials: [{ upstream: 'openai', name: 'team-a', enabled: false, priority: 3 }] });
    const { data } = (
      await importInto(stage, { ...aDocument(), models: [{ ...aDocument().models[0], maxOutputTokens: 9 }] })
    ).json;
    expect(data.updated).toEqual(['models/gpt-5']);
    const [after] = [...stage.vault.rows.credentials.values()];
    expect(after).toMatchObject({ id: before?.id, enabled: false, priority: 3, secret: before?.secret });
  });

  it('replaces a key whose chosen text changed, so that the old text opens nothing', async () => {
    const stage = createStage();
    await importInto(stage, aDocument());
    const secret = 'another-chosen-key-of-thirty-two-characters';
    const { data } = (await importInto(stage, { keys: [{ name: 'ci', secret }] })).json;
    expect(data.updated).toEqual(['keys/admin/ci']);
    const old = await stage.services.digestKey('chosen-key-of-thirty-two-characters-or-more');
    const fresh = await stage.services.digestKey(secret);
    expect(await stage.identity.findKeyByDigest(old.digest)).toBeNull();
    expect(await stage.identity.findKeyByDigest(fresh.digest)).toMatchObject({ name: 'ci' });
  });

  it('knows a key by its text even when the list of keys does not show it yet', async () => {
    const stage = createStage();
    await importInto(stage, aDocument());
    stage.identity.listKeysOfOwner = async () => ({ items: [], nextCursor: null });
    const { data } = (await importInto(stage, { keys: [aDocument().keys[0]] })).json;
    expect(data.unchanged).toEqual(['keys/admin/ci']);
  });

  it('gives a changed price the next version and leaves the old one where events point at it', async () => {
    const stage = createStage();
    await importInto(stage, aDocument());
    const dearer = { ...aDocument().models[0], price: { inputPerMillion: 2 } };
    await importInto(stage, { models: [dearer] });
    await stage.call('/api/admin/models/gpt-5', { method: 'DELETE', headers: await stage.as('admin') });
    await importInto(stage, { models: [{ ...dearer, price: { inputPerMillion: 3 } }] });
    expect((await stage.catalog.findModel('gpt-5'))?.price?.version).toBe(3);
    expect((await stage.catalog.findPrice('gpt-5', 1))?.inputMicros).toBe(1_250_000);
    expect((await stage.catalog.findPrice('gpt-5', 2))?.inputMicros).toBe(2_000_000);
  });

  it('has nothing to warn of in any format, any vendor or a limit', async () => {
    const stage = createStage();
    const { data } = (
      await importInto(stage, {
        upstreams: [
          { name: 'claude', format: 'anthropic-messages', vendor: 'anthropic', baseUrl: 'https://api.anthropic.com' },
          { name: 'azure', format: 'openai-chat', vendor: 'azure-openai', baseUrl: 'https://x.openai.azure.com' },
        ],
        keys: [{ name: 'limited', limits: { requestsPerMinute: 60 } }],
      })
    ).json;
    expect(data.created).toHaveLength(3);
    expect(data.warnings).toEqual([]);
  });

  it('takes the networks of the same document for its upstreams', async () => {
    const stage = createStage();
    const upstreams = [
      { name: 'local', format: 'openai-chat', vendor: 'openai-compatible', baseUrl: 'http://127.0.0.1:9000/v1/' },
    ];
    expect((await importInto(stage, { upstreams })).status).toBe(400);
    expect(
      (await importInto(stage, { upstreams, settings: { allowedUpstreamNetworks: ['127.0.0.0/8'] } })).status,
    ).toBe(200);
    expect((await stage.vault.findUpstream('local'))?.baseUrl).toBe('http://127.0.0.1:9000/v1');
  });
});

describe('a document that is only looked at', () => {
  const check = async (stage: Stage, document: unknown): Promise<Answered> =>
    stage.call('/api/admin/import?dryRun=true', { body: document, headers: await stage.as('super_admin') });

  it('is reported as the import would, writes nothing, and makes no key', async () => {
    const stage = createStage();
    const { status, json } = await check(stage, aDocument());
    expect(status).toBe(200);
    expect([stage.vault.rows.credentials.size, (await stage.catalog.listModels()).length]).toEqual([0, 0]);
    expect(json.data.keys.every((key: Json) => key.secret === undefined)).toBe(true);
    const applied = (await importInto(stage, aDocument())).json.data;
    expect(json.data.created).toEqual(applied.created);
    expect((await check(stage, aDocument())).json.data).toMatchObject({ created: [], updated: [] });
  });

  it('is refused for what the import would be refused for', async () => {
    const broken = { ...aDocument(), models: [{ name: 'x', routes: [{ upstream: 'nowhere', model: 'x' }] }] };
    const stage = createStage();
    const looked = await check(stage, broken);
    expect(looked.status).toBe(400);
    expect(looked.json.errors).toEqual((await importInto(stage, broken)).json.errors);
  });
});

describe('an import with an error', () => {
  const credential = { upstream: 'openai', name: 'c', secret: 's' };
  const chosen = 'chosen-key-of-thirty-two-characters-or-more';
  const generated = generateApiKey();
  const cases: [string, Json, string][] = [
    ['an unknown field', { colour: 1 }, 'colour'],
    [
      'a credential of an unknown upstream',
      { credentials: [{ ...credential, upstream: 'nowhere' }] },
      'credentials[0].upstream',
    ],
    [
      'a route to an unknown upstream',
      { models: [{ name: 'm', routes: [{ upstream: 'x', model: 'm' }] }] },
      'models[0].routes[0].upstream',
    ],
    ['a repeated name', { models: [aDocument().models[0], aDocument().models[0]] }, 'models[1].name'],
    [
      'a repeated key text',
      {
        keys: [
          { name: 'a', secret: chosen },
          { name: 'b', secret: chosen },
        ],
      },
      'keys[1].secret',
    ],
    [
      'a new credential without a secret',
      { credentials: [{ upstream: 'openai', name: 'c' }] },
      'credentials[0].secret',
    ],
    [
      'a private address',
      { upstreams: [{ ...aDocument().upstreams[0], baseUrl: 'https://10.0.0.1' }] },
      'upstreams[0].baseUrl',
    ],
    [
      'a proxy with a path',
      { credentials: [{ ...credential, proxyUrl: 'http://u:p@proxy.example/path' }] },
      'credentials[0].proxyUrl',
    ],
    [
      'a mistyped generated key',
      { keys: [{ name: 'k', secret: `${generated.slice(0, -1)}${generated.endsWith('0') ? '1' : '0'}` }] },
      'keys[0].secret',
    ],
    ['an owner who does not exist', { keys: [{ name: 'k', owner: 'nobody' }] }, 'keys[0].owner'],
  ];

  it.each(cases)('names the path of %s and writes nothing', async (_what, change, path) => {
    const stage = createStage();
    const before = storedIn(stage);
    const answer = await importInto(stage, { ...aDocument(), ...change });
    expect(answer.status).toBe(400);
    expect(answer.json.success).toBe(false);
    expect(answer.json.errors.map((issue: { path: string }) => issue.path)).toEqual([path]);
    expect(answer.json.error).toContain(path);
    expect(storedIn(stage)).toBe(before);
    expect((await stage.catalog.readSettings()).apiDocs).toBe(false);
  });

  it('names all errors at once', async () => {
    const { json } = await importInto(createStage(), {
      credentials: [{ ...credential, upstream: 'x' }],
      keys: [{ name: 'k', owner: 'nobody' }],
    });
    expect(json.errors).toHaveLength(2);
  });

  it("refuses a text that is another key's", async () => {
    const stage = createStage();
    await importInto(stage, aDocument());
    const { json } = await importInto(stage, { keys: [{ name: 'other', secret: chosen }] });
    expect(json.errors).toEqual([{ path: 'keys[0].secret', message: 'This secret already belongs to another key' }]);
  });
});

describe('exporting', () => {
  it('gives a document without a secret, which imported again changes nothing', async () => {
    const stage = createStage();
    await importInto(stage, {
      ...aDocument(),
      keys: [{ ...aDocument().keys[0], limits: { perDay: { chat: 5 } }, expiresAt: '2027-01-01T00:00:00Z' }],
    });
    const document = await exportFrom(stage);
    const text = JSON.stringify(document);
    const stored = [...stage.vault.rows.credentials.values(), ...stage.identity.rows.keys.values()];
    expect(text).not.toMatch(/secret|digest|ciphertext|scrypt/i);
    for (const row of stored) expect(text).not.toContain('digest' in row ? row.digest : row.secretDigest);
    expect(document.models[0].price).toMatchObject({ inputPerMillion: 1.25, cacheReadPerMillion: 0.125 });
    const { data } = (await importInto(stage, document)).json;
    expect([data.created, data.updated]).toEqual([[], []]);
    expect(await exportFrom(stage)).toEqual(document);
  });

  it('of an empty gateway can be imported', async () => {
    const stage = createStage();
    expect((await importInto(stage, await exportFrom(stage))).json.data.created).toEqual([]);
  });
});

describe('keys of a document', () => {
  it('carry addresses, channel and notes in and out, and the same again changes nothing', async () => {
    const stage = createStage();
    const rules = {
      allowedIps: ['192.0.2.0/24'],
      channel: 'openai',
      description: 'of the editor',
      metadata: { team: 'a' },
    };
    const send = async (key: object) => {
      const body = { keys: [{ name: 'ci', ...key }] };
      return (await stage.call('/api/admin/import', { body, headers: await stage.as('super_admin') })).json.data;
    };
    expect((await send(rules)).created).toEqual(['keys/admin/ci']);
    expect((await send(rules)).unchanged).toEqual(['keys/admin/ci']);
    expect((await send({})).unchanged).toEqual(['keys/admin/ci']);
    const { json } = await stage.call('/api/admin/export', { headers: await stage.as('super_admin') });
    expect(json.keys).toEqual([expect.objectContaining({ name: 'ci', ...rules })]);
    expect((await send(json.keys[0])).unchanged).toEqual(['keys/admin/ci']);
    expect((await send({ channel: null, allowedIps: [] })).updated).toEqual(['keys/admin/ci']);
    expect((await send({ channel: null, allowedIps: [] })).unchanged).toEqual(['keys/admin/ci']);
  });

  it('are not bounded by what a role may have: the operator writes them', async () => {
    const stage = createStage();
    await stage.as('user');
    const keys = Array.from({ length: 12 }, (_, index) => ({ name: `key ${index}`, owner: 'some-user' }));
    const { status } = await stage.call('/api/admin/import', {
      body: { keys },
      headers: await stage.as('super_admin'),
    });
    expect(status).toBe(200);
    const one = await stage.call('/api/keys', { body: { name: 'one more' }, headers: await stage.as('user') });
    expect(one.status).toBe(400);
  });
});
