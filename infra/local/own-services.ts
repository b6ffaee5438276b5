import type { DataDirectory } from './data-directory.ts';
import { createSandboxProcess, createStoreProcess, type StoreEndpoints } from './own-processes.ts';
import type { Denial } from './permissions/access.ts';
import type { Enforcement } from './permissions/enforcement.ts';
import type { AccessRules } from './permissions/rules.ts';
import type { RunnerClock } from './runner-clock.ts';
import type { AwsStandIns, StandInOptions } from './store/interfaces.ts';
import { createAwsStandIns } from './store/stand-ins/server.ts';

/** Stops what has been started so far, the last first. */
export interface StopList {
  add(stop: () => Promise<void> | void): void;
}

export interface OwnServicesOptions {
  readonly directory: DataDirectory;
  readonly clock: RunnerClock;
  readonly region: string;
  readonly accountId: string;
  /** Port that the sandbox had at the last start, or 0. */
  readonly sandboxPort: number;
  readonly invoke: StandInOptions['invoke'];
  readonly enforcement: Enforcement;
  onDenied(denial: Denial): void;
  /** Called when a process has gone or come back. */
  onChange(): void;
}

/** What stands in for AWS and for a vendor: it belongs to the runner and never enters the template. */
export interface OwnServices {
  readonly store: StoreEndpoints;
  readonly standIns: AwsStandIns;
  readonly sandboxPort: number;
  /** Puts the rules in force for every service; until then only the runner itself may call. */
  setRules(rules: AccessRules): Promise<void>;
  pids(): Record<string, number>;
}

const SANDBOX_GRACE_MS = 2000;
/** The store writes everything to disk before it leaves. */
const STORE_GRACE_MS = 10_000;

export async function startOwnServices(options: OwnServicesOptions, stops: StopList): Promise<OwnServices> {
  const { directory, clock, enforcement } = options;
  const shared = { directory, clockOffsetMs: clock.offsetMs, onChange: options.onChange };
  const store = createStoreProcess({ ...shared, permissions: enforcement.forStore, onDenied: options.onDenied });
  const sandbox = createSandboxProcess({ ...shared, port: options.sandboxPort, setClock: clock.setNow });
  stops.add(() => store.stop(STORE_GRACE_MS));
  stops.add(() => sandbox.stop(SANDBOX_GRACE_MS));
  clock.follow((offsetMs) => {
    store.send({ type: 'clock', offsetMs });
    sandbox.send({ type: 'clock', offsetMs });
  });
  const [endpoints, { port }, standIns] = await Promise.all([
    store.start(),
    sandbox.start(),
    createAwsStandIns({
      secretsFile: directory.file('secrets.json'),
      region: options.region,
      accountId: options.accountId,
      outboxDirectory: directory.file('outbox'),
      invoke: options.invoke,
      onCall: enforcement.checkStandIn,
      now: () => Date.now(),
    }),
  ]);
  stops.add(() => standIns.close());
  return {
    store: endpoints,
    standIns,
    sandboxPort: port,
    setRules: (rules) => {
      enforcement.load(rules);
      return store.setPermissions();
    },
    pids: () => ({ ...pidOf('store', store.pid()), ...pidOf('sandbox', sandbox.pid()) }),
  };
}

function pidOf(name: string, pid: number | undefined): Record<string, number> {
  return pid === undefined ? {} : { [name]: pid };
}
