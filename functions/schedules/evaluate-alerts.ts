import { readEvaluateEnvironment } from '@sluice/aws/env';
import { createMailer } from '@sluice/aws/mailer';
import { createSdkTableClient } from '@sluice/aws/sdk-table-client';
import { createSecretReader } from '@sluice/aws/secrets/secret-reader';
import { createAlertStore } from '@sluice/aws/tables/alerts';
import { createCatalogStore } from '@sluice/aws/tables/catalog';
import { createIdentityStore } from '@sluice/aws/tables/identity';
import { createIncidentStore } from '@sluice/aws/tables/incidents';
import { createSweepStore, createUsageStore } from '@sluice/aws/tables/ledger';
import { createLedgerAccountStore } from '@sluice/aws/tables/ledger-account';
import { createPoolStateStore } from '@sluice/aws/tables/pool-state';
import { createRollUpStore } from '@sluice/aws/tables/roll-ups';
import { createTokenStore } from '@sluice/aws/tables/tokens';
import { createVaultStore } from '@sluice/aws/tables/vault';
import { deliverDue, type DeliveryReport } from '@sluice/core/monitoring/deliver';
import { evaluateAlerts, type EvaluateDeps, type EvaluationReport } from '@sluice/core/monitoring/evaluate-alerts';
import { knownFigures } from '@sluice/core/monitoring/known-figures';
import { webhookSecret } from '@sluice/core/monitoring/webhook-secret';
import { postGuarded } from '@sluice/kit/http/guarded-post';
import { createUpstreamClient } from '@sluice/kit/http/upstream-client';
import { embeddedMetrics } from '@sluice/kit/log/embedded-metrics';
import { createLogger } from '@sluice/kit/log/logger';
import { systemClock } from '@sluice/kit/time/clock';
import { z } from 'zod';

/**
 * Lets every alert rule say what follows from what is measured now, and sends notices. Every 2 minutes with `{}`; by
 * hand also with `{"only": "deliver"}`, which sends what is on its way and evaluates nothing.
 */

const environment = readEvaluateEnvironment();
const { aws, tables, timeZoneOffsetMinutes } = environment;
const client = createSdkTableClient({ aws });
const secretReader = createSecretReader({ aws });
const writeLine = (line: string): void => void process.stdout.write(`${line}\n`);
const logger = createLogger(writeLine, { function: 'evaluate-alerts', build: environment.buildId });
const webhookClient = createUpstreamClient({ connectTimeoutMs: 3_000, keepAliveMs: 1_000 });
const catalog = createCatalogStore(client, tables.catalog);
const identity = createIdentityStore(client, tables.identity);
const vault = createVaultStore(client, tables.vault);
const usage = createUsageStore(client, tables.ledger);
const input = z.object({ only: z.literal('deliver').optional() });

const WEBHOOK_MS = 5_000;
/** Whoever asks over HTTP waits for a minute at most. */
const MOST_MS = 30_000;

export async function handler(event: unknown): Promise<EvaluationReport | DeliveryReport> {
  const { only } = input.parse(event ?? {});
  const deps = await createDeps(systemClock() + MOST_MS);
  if (only === 'deliver') return deliverDue({ ...deps.delivering, store: deps.store, clock: systemClock });
  const { report, board } = await evaluateAlerts(deps);
  logger.info('evaluated', { ...report });
  const metrics = knownFigures(board);
  if (metrics.length > 0) {
    writeLine(embeddedMetrics({ namespace: environment.metricsNamespace, at: systemClock(), metrics }));
  }
  return report;
}

async function createDeps(endsAt: number): Promise<EvaluateDeps> {
  const { allowedWebhookNetworks: allowedNetworks } = await catalog.readSettings();
  const rollUps = createRollUpStore(client, tables.ledger);
  return {
    store: createAlertStore(client, tables.catalog),
    clock: systemClock,
    notices: { identity },
    measuring: {
      usage: { rollUps, usage },
      sweep: createSweepStore(client, tables.ledger),
      vault,
      tokens: createTokenStore(client, tables.vault),
      poolStates: createPoolStateStore(client, tables.vault),
      incidents: createIncidentStore(client, tables.ledger),
      budgets: {
        accounts: createLedgerAccountStore(client, tables.ledger),
        identity,
        readSettings: catalog.readSettings,
        timeZoneOffsetMinutes,
      },
      probes: {
        identity: () => identity.findUserById('health'),
        vault: () => vault.findUpstream('health'),
        catalog: () => catalog.readSettings(),
        ledger: () => usage.findEvent('0000000000000000'),
      },
      logger,
    },
    delivering: {
      mailer: createMailer({ aws, sender: environment.mailSender, log: logger }),
      readPepper: async (version) => (await secretReader.read(environment.secrets.pepper))[version],
      secretOf: ({ id, salt }, pepper) => webhookSecret({ pepper, webhookId: id, salt }),
      post: (request) => postGuarded(webhookClient, { ...request, timeoutMs: WEBHOOK_MS, allowedNetworks }),
      logger,
      mayGoOn: () => systemClock() < endsAt,
    },
  };
}
