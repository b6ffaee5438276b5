import type { HealthAnswer } from '@sluice/contract/health';
import { probeAll } from '@sluice/core/monitoring/probe';
import { ADMISSION_MARGIN_MS } from '@sluice/core/metering/margin';
import { LIVE_MS } from '@sluice/core/metering/roll-up-store';
import { TIME_SLICE_MS } from '@sluice/core/metering/store';
import type { Answer } from '../route.ts';
import type { AdminServices } from '../services.ts';

/** However often it is asked, the stores are probed at most so often. */
const REMEMBERED_MS = 2000;
/** Beyond what is usual; after it, scheduled work is late. */
const PATIENCE_MS = 30 * 60_000;

interface Probed {
  dependencies: Record<string, 'up' | 'down'>;
  /** Milliseconds; null: it never ran, or is not known. */
  rollUpAgeMs: number | null;
  sweepAgeMs: number | null;
}

interface Remembered {
  at: number;
  probed: Promise<Probed>;
}
const remembered = new WeakMap<AdminServices, Remembered>();

/** Open to everybody, so it tells states and nothing else. 503 when a dependency is down. */
export async function showHealth(services: AdminServices): Promise<Answer> {
  const now = services.clock();
  let probe = remembered.get(services);
  if (!probe || now - probe.at >= REMEMBERED_MS || now < probe.at) {
    probe = { at: now, probed: probeEverything(services, now) };
    remembered.set(services, probe);
  }
  const body = viewHealth(services, await probe.probed, now);
  return { status: body.status === 'unhealthy' ? 503 : 200, json: body };
}

const TABLES = ['identity', 'vault', 'catalog', 'ledger'] as const;

function viewHealth(services: AdminServices, probed: Probed, now: number): HealthAnswer {
  const { dependencies, rollUpAgeMs, sweepAgeMs } = probed;
  const isUp = (names: readonly string[]): boolean => names.every((name) => dependencies[name] === 'up');
  const schedules = {
    rollUps: lateness(rollUpAgeMs, LIVE_MS),
    sweep: lateness(sweepAgeMs, ADMISSION_MARGIN_MS),
  };
  const isLate = Object.values(schedules).includes('late');
  const hasTables = isUp(TABLES);
  return {
    status: isUp(Object.keys(dependencies)) ? (isLate ? 'degraded' : 'healthy') : 'unhealthy',
    service: 'sluice-admin',
    runtime: `node ${process.versions.node}`,
    version: services.version,
    build: { sha: services.buildId },
    timestamp: new Date(now).toISOString(),
    uptime: Math.max(0, Math.round((now - services.startedAt) / 1000)),
    database: hasTables ? 'connected' : 'disconnected',
    bindings: { db: hasTables, kv_cache: hasTables, assets: true },
    components: {
      database: { status: hasTables ? 'healthy' : 'unhealthy' },
      // What other systems keep in a cache stands in tables here.
      cache: { status: hasTables ? 'healthy' : 'unhealthy' },
      secrets: { status: isUp(['secrets', 'vaultKey']) ? 'healthy' : 'unhealthy' },
      roll_ups: { status: schedules.rollUps },
      sweep: { status: schedules.sweep },
    },
    dependencies,
    schedules: { roll_up_age_seconds: seconds(rollUpAgeMs), sweep_age_seconds: seconds(sweepAgeMs) },
  };
}

function lateness(ageMs: number | null, usualMs: number): 'healthy' | 'late' | 'unknown' {
  if (ageMs === null) return 'unknown';
  return ageMs > usualMs + 2 * TIME_SLICE_MS + PATIENCE_MS ? 'late' : 'healthy';
}

function seconds(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms / 1000);
}

/** One cheap read of each store by key, the vault's published key, without which no credential can be saved, a secret. */
async function probeEverything(services: AdminServices, now: number): Promise<Probed> {
  const probed: Omit<Probed, 'dependencies'> = { rollUpAgeMs: null, sweepAgeMs: null };
  const age = (at: number | null | undefined): number | null => (at == null ? null : Math.max(0, now - at));
  const dependencies = await probeAll(
    {
      identity: () => services.identity.findUserById('health'),
      vault: () => services.vault.findUpstream('health'),
      catalog: () => services.catalog.readSettings(),
      // Two reads of the ledger that tell something besides.
      ledger: async () => {
        const [state, sweptUntil] = await Promise.all([services.rollUps.readState(), services.sweep.readSweptUntil()]);
        probed.rollUpAgeMs = age(state?.closedUntil);
        probed.sweepAgeMs = age(sweptUntil);
      },
      secrets: () => services.secrets.pepper(),
      vaultKey: () => services.vaultKey(),
    },
    (dependency, internal) => services.log.warn('dependency_down', { dependency, internal }),
  );
  return { ...probed, dependencies };
}
