import type { HealthAnswer } from '@sluice/contract/health';
import type { Answer } from '../route.ts';
import type { AdminServices } from '../services.ts';

/** A probe that hangs counts as down. */
const PROBE_MS = 2000;
/** However often it is asked, the stores are probed at most so often. */
const REMEMBERED_MS = 2000;

interface Remembered {
  at: number;
  dependencies: Promise<HealthAnswer['dependencies']>;
}
const remembered = new WeakMap<AdminServices, Remembered>();

/** Open to everybody, so it tells states and nothing else. 503 when a dependency is down. */
export async function showHealth(services: AdminServices): Promise<Answer> {
  const now = services.clock();
  let probe = remembered.get(services);
  if (!probe || now - probe.at >= REMEMBERED_MS) {
    probe = { at: now, dependencies: probeAll(services) };
    remembered.set(services, probe);
  }
  const dependencies = await probe.dependencies;
  const healthy = Object.values(dependencies).every((state) => state === 'up');
  const body: HealthAnswer = {
    status: healthy ? 'healthy' : 'unhealthy',
    service: 'sluice-admin',
    runtime: `node ${process.versions.node}`,
    version: services.version,
    build: { sha: services.buildId },
    timestamp: new Date(now).toISOString(),
    uptime: Math.max(0, Math.round((now - services.startedAt) / 1000)),
    dependencies,
  };
  return { status: healthy ? 200 : 503, json: body };
}

/** One cheap read of each store by key, and the vault's published key, without which no credential can be saved. */
async function probeAll(services: AdminServices): Promise<HealthAnswer['dependencies']> {
  const probes: Record<string, () => Promise<unknown>> = {
    identity: () => services.identity.findUserById('health'),
    vault: () => services.vault.findUpstream('health'),
    catalog: () => services.catalog.readSettings(),
    ledger: () => services.usage.findEvent('0000000000000000'),
    vaultKey: () => services.vaultKey(),
  };
  const states = Object.entries(probes).map(async ([name, probe]) => [name, await stateOf(services, name, probe)]);
  return Object.fromEntries(await Promise.all(states)) as HealthAnswer['dependencies'];
}

async function stateOf(services: AdminServices, name: string, probe: () => Promise<unknown>): Promise<'up' | 'down'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PROBE_MS} ms`)), PROBE_MS);
  });
  try {
    await Promise.race([probe(), late]);
    return 'up';
  } catch (error) {
    services.log.warn('dependency_down', { dependency: name, internal: error instanceof Error ? error.message : '' });
    return 'down';
  } finally {
    clearTimeout(timer);
  }
}
