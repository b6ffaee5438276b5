/**
 * The child process that hosts the table service and the object store, apart from the runner so that their work
 * shares no event loop with it.
 *
 *   const child = fork('infra/local/store/main.ts', [JSON.stringify(options satisfies StoreProcessOptions)]);
 *   child.on('message', (message: StoreMessage) => …)     'ready' or 'failed' first
 *
 * SIGTERM and a lost parent end it (Ctrl-C alone does not): calls under way are answered, data is on disk, exit code 0.
 */

import { secretAccessKeyFor } from '../function-environment.ts';
import { createAccessControl } from '../permissions/access.ts';
import { appendGrant } from '../permissions/records.ts';
import { OPERATOR } from '../permissions/rules.ts';
import { createDynamoDbServer } from './dynamodb/server.ts';
import type { Permissions, StoreCommand, StoreMessage, StoreProcessOptions } from './interfaces.ts';
import { createS3Server } from './s3/server.ts';

function send(message: StoreMessage): void {
  process.send?.(message);
}

type Rules = NonNullable<StoreProcessOptions['permissions']>;

function createPermissions(given: Rules): Permissions & { load(rules: Rules): void } {
  let { rules, recordFile } = given;
  const access = createAccessControl({
    operators: [OPERATOR],
    onUse: (grant) => appendGrant(recordFile, grant),
    onDenied: (denial) => send({ type: 'denied', denial }),
  });
  if (rules !== undefined) access.load(rules);
  return {
    access,
    rules: () => rules,
    load: (next) => {
      ({ rules, recordFile } = next);
      if (rules !== undefined) access.load(rules);
    },
  };
}

async function start(options: StoreProcessOptions): Promise<void> {
  let clockOffsetMs = options.clockOffsetMs ?? 0;
  const now = () => Date.now() + clockOffsetMs;
  const permissions = options.permissions && createPermissions(options.permissions);
  const checked = permissions === undefined ? {} : { permissions };
  const dynamoDb = await createDynamoDbServer({ ...options.dynamoDb, ...checked, now });
  const guarded = permissions === undefined ? {} : { access: permissions.access };
  const s3 = await createS3Server({ ...options.s3, ...guarded, secretOf: secretAccessKeyFor, now }).catch(
    async (error: unknown) => {
      await dynamoDb.close();
      throw error;
    },
  );

  const handlers: Record<StoreCommand['type'], (command: StoreCommand) => Promise<void> | void> = {
    counters: () => send({ type: 'counters', counters: dynamoDb.counters() }),
    'reset-counters': () => dynamoDb.resetCounters(),
    sweep: async () => send({ type: 'swept', items: await dynamoDb.sweepExpired() }),
    permissions: (command) => {
      if (command.type !== 'permissions') return;
      permissions?.load(command.permissions);
      send({ type: 'permissions-set' });
    },
    clock: (command) => {
      if (command.type === 'clock') clockOffsetMs = command.offsetMs;
    },
  };
  process.on('message', (command: StoreCommand) => void handlers[command.type]?.(command));

  let stopping: Promise<void> | null = null;
  function stop(): void {
    stopping ??= Promise.all([dynamoDb.close(), s3.close()]).then(() => process.exit(0));
  }
  for (const signal of ['SIGTERM', 'disconnect'] as const) process.on(signal, stop);
  // Ctrl-C reaches all processes at once; the functions still have to settle here, so the parent's SIGTERM decides.
  process.on('SIGINT', () => {
    if (!process.connected) stop();
  });
  send({ type: 'ready', dynamoDbUrl: dynamoDb.url, s3Url: s3.url, pid: process.pid });
}

try {
  await start(JSON.parse(process.argv[2] ?? '{}') as StoreProcessOptions);
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  console.error(`store: ${message}`);
  send({ type: 'failed', message });
  process.exitCode = 1;
  process.disconnect?.();
}
