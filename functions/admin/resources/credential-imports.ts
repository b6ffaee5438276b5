import type { credentialImport, credentialImportReport } from '@sluice/contract/credential-records';
import { checkProxyAddress } from '@sluice/core/catalog/upstream-address';
import { refreshTokenDigest, secretMark } from '@sluice/core/credentials/duplicates';
import { assignProxy, drawFrom, type ProxyMember } from '@sluice/core/credentials/records/lists';
import { createSealer } from '@sluice/core/credentials/sealing';
import { credentialAssociatedData, tokenAssociatedData, type Sealer } from '@sluice/core/credentials/sealing-port';
import type { Credential, TokensChange } from '@sluice/core/credentials/store';
import { mapLimited } from '@sluice/kit/async/map-limited';
import { isGatewayError } from '@sluice/kit/errors/gateway-error';
import { createPrefixedId } from '@sluice/kit/ids/prefixed-id';
import { randomBytes } from 'node:crypto';
import type { z } from 'zod';
import { InputRefused } from '../refusal.ts';
import { success, type Answer, type Call, type Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';

type None = Record<string, never>;
type Import = z.infer<typeof credentialImport>;
type LineResult = z.infer<typeof credentialImportReport>['data']['results'][number];

const AT_ONCE = 8;
/** Less than the function's own time; what is not reached by then is told, and sent again finds the others there. */
const MOST_MS = 45_000;
/** What a token or a key is made of. */
const SECRET = /^[!-~]{8,16384}$/;

/** New credentials arrive disabled; each line is told what became of it. */
export async function importCredentials(
  services: AdminServices,
  { body, audit }: Call<Import, None, Caller>,
): Promise<Answer> {
  const given = body.refreshTokens ?? body.secrets ?? [];
  const { upstream, tag = null } = body;
  audit.target = upstream;
  audit.after = { upstream, tag, lines: given.length };
  const endsAt = services.clock() + MOST_MS;
  const batch = await prepare(services, body);
  const seen = new Set<string>();
  const lines = given.map((raw, index) => {
    const secret = raw.trim();
    const isRepeated = seen.has(secret);
    seen.add(secret);
    return { line: index + 1, secret, isRepeated };
  });
  const results = await mapLimited(lines, AT_ONCE, async ({ line, secret, isRepeated }): Promise<LineResult> => {
    if (secret === '') return told(line, 'blank', 'It is blank.');
    if (isRepeated) return told(line, 'repeated', 'It stands further up.');
    if (services.clock() > endsAt) return told(line, 'failed', 'There was no time for it; send it again.');
    return importLine(services, batch, { line, secret });
  });
  const successes = results.filter(({ outcome }) => outcome === 'created').length;
  const failures = results.filter(({ outcome }) => outcome === 'exists' || outcome === 'failed').length;
  return success({ total_count: given.length, success_count: successes, fail_count: failures, results });
}

function told(line: number, outcome: LineResult['outcome'], message: string): LineResult {
  return { line, outcome, success: outcome === 'created', message, id: null, bizId: null };
}

/** What all lines have in common. */
interface Batch {
  upstream: string;
  kind: 'oauth' | 'api_key';
  tag: string | null;
  sealer: Sealer;
  /** Given for all; null: none. Undefined: one of the list for each. */
  proxy: { url: string; auth: string | null } | null | undefined;
  proxies: readonly ProxyMember[];
  clientId: string | null | undefined;
  clientIds: readonly string[];
}

/** @throws InputRefused */
async function prepare(services: AdminServices, body: Import): Promise<Batch> {
  const { upstream, tag = null, clientId, proxyUrl } = body;
  const kind = body.refreshTokens === undefined ? 'api_key' : 'oauth';
  const isOAuth = kind === 'oauth';
  const [found, settings, proxies, clientIds, vaultKey] = await Promise.all([
    services.vault.findUpstream(upstream),
    services.catalog.readSettings(),
    isOAuth && proxyUrl === undefined ? services.lists.listProxies() : [],
    isOAuth && clientId === undefined ? services.lists.readClientIds(upstream) : [],
    services.vaultKey(),
  ]);
  if (!found) throw new InputRefused([{ path: 'upstream', message: `There is no upstream ${upstream}` }]);
  if (!isOAuth && clientId) {
    throw new InputRefused([{ path: 'clientId', message: 'Only credentials of kind oauth have one' }]);
  }
  const checked = proxyUrl
    ? checkProxyAddress({ url: proxyUrl, allowedNetworks: settings.allowedUpstreamNetworks })
    : null;
  if (checked && !checked.ok) throw new InputRefused([{ path: 'proxyUrl', message: checked.message }]);
  const proxy = checked ? { url: checked.url, auth: checked.auth } : proxyUrl === undefined ? undefined : null;
  return { upstream, kind, tag, sealer: createSealer(vaultKey), proxy, proxies, clientId, clientIds };
}

async function importLine(
  services: AdminServices,
  batch: Batch,
  { line, secret }: { line: number; secret: string },
): Promise<LineResult> {
  if (!SECRET.test(secret)) {
    return told(line, 'failed', 'Expected 8 or more visible ASCII characters without spaces.');
  }
  try {
    const { upstream, kind } = batch;
    const known = {
      secretDigest: await services.digest(`credential|${upstream}|${secret}`),
      tokenDigest: kind === 'oauth' ? refreshTokenDigest(secret) : null,
    };
    const mark = secretMark({ kind, upstream, ...known });
    const other = mark === null ? null : await services.vault.findCredentialBySecret(mark);
    if (other !== null) return told(line, 'exists', `It is that of ${other.upstream}/${other.name}.`);
    const row = { ...(await newRow(services, batch)), ...known };
    await save(services, batch, row, secret);
    return { ...told(line, 'created', 'It is there, disabled.'), id: row.id, bizId: row.bizId ?? null };
  } catch (error) {
    if (!isGatewayError(error)) throw error;
    // Somebody brought the same at the same moment.
    return told(line, error.code === 'conflict' ? 'exists' : 'failed', error.message);
  }
}

async function newRow(services: AdminServices, batch: Batch): Promise<Credential> {
  const { upstream, kind, tag, proxy, proxies, sealer } = batch;
  const now = services.clock();
  const id = createPrefixedId('crd');
  const name = randomBytes(16).toString('hex');
  const drawn = proxy === undefined ? drawFrom(proxies, Math.random()) : null;
  const given = proxy ?? { url: null, auth: null };
  const place = { upstream, id };
  const auth = given.auth === null ? null : await sealer.seal(given.auth, credentialAssociatedData(place, 'proxyAuth'));
  const digest = given.auth === null ? null : await services.digest(`proxy|${upstream}|${given.auth}`);
  return {
    id,
    upstream,
    name,
    kind,
    tier: 'basic',
    priority: 0,
    weight: 1,
    enabled: false,
    proxyUrl: given.url,
    proxyAuth: auth,
    proxyAuthDigest: digest,
    ...(drawn !== null && assignProxy(drawn)),
    limits: {},
    secret: null,
    secretDigest: '',
    clientId: batch.clientId === undefined ? drawFrom(batch.clientIds, Math.random()) : batch.clientId,
    bizId: kind === 'oauth' ? name : null,
    tag,
    createdAt: now,
    updatedAt: now,
  };
}

async function save(services: AdminServices, { sealer, kind }: Batch, row: Credential, secret: string): Promise<void> {
  const { upstream, id } = row;
  if (kind !== 'oauth') {
    const sealed = await sealer.seal(secret, credentialAssociatedData({ upstream, id }));
    return services.vault.addCredential({ ...row, secret: sealed });
  }
  const refreshToken = await sealer.seal(secret, tokenAssociatedData({ upstream, credentialId: id }, 'refreshToken'));
  const tokens: TokensChange = { kind: 'give', refreshToken, now: services.clock() };
  return services.vault.addCredential(row, tokens);
}
