import { createCdn } from './cdn/cdn.ts';
import { readDistribution } from './cdn/distribution.ts';
import { wireCdn } from './cdn/wiring.ts';
import { readCloudAssembly, type CloudAssembly } from './cloud-assembly.ts';
import type { DataDirectory } from './data-directory.ts';
import { planDataStep, recordDataVersion } from './data-version.ts';
import { createBuckets, createSecrets, createTables } from './embedded-aws.ts';
import { createCodeStore } from './function-code.ts';
import { createFunctionGroup, type FunctionGroup } from './function-group.ts';
import { readFunctions } from './functions.ts';
import { bundleFunctionHost } from './host-bundle.ts';
import type { Options } from './options.ts';
import { startOwnServices, type OwnServices, type StopList } from './own-services.ts';
import { listen } from './ports.ts';
import type { Denial } from './permissions/access.ts';
import { createEnforcement, describeDenial } from './permissions/enforcement.ts';
import { readAccessRules } from './permissions/read-rules.ts';
import { requireServiceCalls } from './permissions/service-calls.ts';
import type { RunnerClock } from './runner-clock.ts';
import { createScheduler, readSchedule } from './schedules.ts';
import { StartError } from './start-error.ts';
import type { LambdaInvocation, LambdaOutcome } from './store/interfaces.ts';
import { readTemplate, type Template } from './template.ts';

export interface LocalStackContext {
  readonly options: Options;
  readonly directory: DataDirectory;
  readonly clock: RunnerClock;
  /** Port that the sandbox had at the last start, or 0. */
  readonly sandboxPort: number;
  /** Where used permissions are written down for a report (permissions/records.ts). */
  readonly permissionRecords: string | undefined;
  /** Called when a process has gone or come back. */
  onChange(): void;
  /** One line for the person at the terminal. */
  say(line: string): void;
}

export interface LocalStack {
  readonly url: string;
  readonly sandboxUrl: string;
  /** The embedded table service; `GET <storeUrl>/__counters` answers the units used so far. */
  readonly storeUrl: string;
  /** The embedded object store, and the stand-ins for Secrets Manager, Lambda and SES. */
  readonly s3Url: string;
  readonly standInsUrl: string;
  readonly admin: { readonly username: string; readonly password: string };
  /** The relay's own address behind the CDN, and the headers that the CDN adds for it. */
  relay(): Promise<{ url: string; headers: Readonly<Record<string, string>> }>;
  pids(): Record<string, number>;
}

const REGION = 'us-east-1';
const ACCOUNT_ID = '000000000000';
const RELAY = 'relay';
const MIGRATION = 'migrate-data';
/** Names the first administrator's secret in the environment of the function that reads it. */
const ADMINISTRATOR_VARIABLE = 'BOOTSTRAP_ADMIN_SECRET';
/** Longer than a function's own grace for its requests in flight. */
const FUNCTION_GRACE_MS = 4000;

/** Starts everything that the cloud assembly describes. @throws StartError in words for the terminal. */
export async function startLocalStack(context: LocalStackContext, stops: StopList): Promise<LocalStack> {
  const { directory, options } = context;
  let services: OwnServices | undefined;
  const groups: FunctionGroup[] = [];
  const assembly = readCloudAssembly(options.cloudAssembly);
  const template = readTemplate({
    assembly,
    region: REGION,
    accountId: ACCOUNT_ID,
    secretString: (id) => services?.standIns.readSecret(id) ?? undefined,
  });
  const dataVersion = requireDataVersion(template);
  const step = planDataStep(directory, dataVersion);
  const hostModule = directory.file('function-host.mjs');
  const invoke = (invocation: LambdaInvocation) => invokeFunction(groups, invocation);
  const onDenied = createDenialReport(context, groups);
  const enforcement = createEnforcement({ recordDirectory: context.permissionRecords, onDenied });
  const place = { region: REGION, accountId: ACCOUNT_ID };
  const [started] = await Promise.all([
    startOwnServices({ ...context, ...place, invoke, enforcement, onDenied }, stops),
    bundleFunctionHost(hostModule),
  ]);
  services = started;
  await createSecrets(template, started.standIns);
  await started.setRules(readAccessRules({ template, ...place }));
  requireServiceCalls({ template, access: enforcement.access, ...place });
  groups.push(...createGroups({ context, assembly, template, services: started, hostModule }));
  stops.add(() => stopAll(groups));
  const tables = createTables(template, started.store);
  if (step.kind === 'migrate') await tables.then(() => migrate(groups, step, context));
  const serving = groups.filter(({ spec }) => spec.domainName !== undefined);
  const buckets = createBuckets(template, started.store, assembly);
  await Promise.all([tables, buckets, ...serving.map((group) => group.start())]);
  recordDataVersion(directory, dataVersion);
  const url = await startCdn(context, { template, serving, s3Url: started.store.s3Url }, stops);
  startSchedules(context, template, groups, stops);
  return {
    url,
    sandboxUrl: `http://127.0.0.1:${started.sandboxPort}`,
    storeUrl: started.store.dynamoDbUrl,
    s3Url: started.store.s3Url,
    standInsUrl: started.standIns.url,
    admin: readAdministrator(groups, started),
    relay: () => describeRelay(template, serving),
    pids: () => collectPids(groups, started),
  };
}

/** A refusal is told once at the terminal, however often it is met, and each time in the log of the function. */
function createDenialReport(context: LocalStackContext, groups: readonly FunctionGroup[]): (denial: Denial) => void {
  const told = new Set<string>();
  return (denial) => {
    const line = describeDenial(denial);
    groups.find(({ spec }) => spec.name === denial.caller)?.note(line);
    if (told.has(line)) return;
    told.add(line);
    context.say(line);
  };
}

function requireDataVersion(template: Template): number {
  if (template.dataVersion !== undefined) return template.dataVersion;
  throw new StartError('No stack of the template says "sluice:dataVersion" in its metadata.');
}

interface GroupsInput {
  readonly context: LocalStackContext;
  readonly assembly: CloudAssembly;
  readonly template: Template;
  readonly services: OwnServices;
  readonly hostModule: string;
}

function createGroups({ context, assembly, template, services, hostModule }: GroupsInput): FunctionGroup[] {
  const { directory, clock, options } = context;
  const code = createCodeStore(directory.file('run'));
  return readFunctions({ template, assembly, code }).map((spec) => {
    const isRelay = spec.name === RELAY;
    const group = createFunctionGroup({
      spec,
      count: isRelay ? options.relays : 1,
      numbered: isRelay,
      plainServer: isRelay && options.adapter === 'node',
      hostModule,
      codeRoot: code.root,
      logDirectory: directory.file('logs'),
      region: REGION,
      endpoints: { dynamoDb: services.store.dynamoDbUrl, s3: services.store.s3Url, standIns: services.standIns.url },
      clockOffsetMs: clock.offsetMs,
      onChange: context.onChange,
    });
    clock.follow(group.setClock);
    return group;
  });
}

/** The Invoke API. A function is known by its name or its ARN; null says that there is no such function. */
function invokeFunction(groups: readonly FunctionGroup[], call: LambdaInvocation): Promise<LambdaOutcome> | null {
  const group = groups.find(({ spec }) => [spec.functionName, spec.functionArn].includes(call.functionName));
  return group?.invoke(call.payload) ?? null;
}

async function migrate(
  groups: readonly FunctionGroup[],
  step: { from: number; to: number },
  context: LocalStackContext,
): Promise<void> {
  const group = groups.find(({ spec }) => spec.name === MIGRATION);
  if (group === undefined) throw new StartError(`The template has no function ${MIGRATION}.`);
  context.say(`Migrating the data from version ${step.from} to ${step.to} …`);
  const { error } = await group.invoke({});
  if (error === undefined) return;
  throw new StartError(
    `The data could not be migrated: ${error.errorMessage}. Nothing is served; ${logHint(context, MIGRATION)}`,
  );
}

interface CdnInput {
  readonly template: Template;
  readonly serving: readonly FunctionGroup[];
  readonly s3Url: string;
}

async function startCdn(context: LocalStackContext, input: CdnInput, stops: StopList): Promise<string> {
  const { template, serving, s3Url } = input;
  const wiring = wireCdn({ template, groups: serving, s3Url, clockOffsetMs: context.clock.offsetMs() });
  for (const viewerFunction of wiring.functions.values()) context.clock.follow(viewerFunction.clock.setOffset);
  const server = createCdn(wiring);
  const port = await listen(server, context.options.port);
  stops.add(() => server.closeAllConnections());
  stops.add(() => stopAll(serving));
  // Stopped first: nothing new comes in while the functions end what they have begun.
  stops.add(() => {
    server.close();
    server.closeIdleConnections();
  });
  return `http://127.0.0.1:${port}`;
}

function startSchedules(
  context: LocalStackContext,
  template: Template,
  groups: readonly FunctionGroup[],
  stops: StopList,
): void {
  const schedules = template.resources
    .filter(({ type }) => type === 'AWS::Scheduler::Schedule')
    .map((resource) =>
      readSchedule(String(resource.metadata['sluice:name'] ?? resource.logicalId), resource.properties()),
    );
  const scheduler = createScheduler({
    schedules,
    now: () => Date.now(),
    run: async (schedule) => {
      const outcome = await invokeFunction(groups, {
        functionName: schedule.functionArn,
        payload: schedule.payload,
        type: 'RequestResponse',
        accessKeyId: 'scheduler',
      });
      const reason = outcome === null ? 'its function is not in the template' : outcome.error?.errorMessage;
      if (reason !== undefined)
        context.say(`The schedule ${schedule.name} failed: ${reason}; ${logHint(context, schedule.name)}`);
    },
  });
  scheduler.start();
  context.clock.follow(scheduler.start);
  stops.add(scheduler.stop);
}

function readAdministrator(groups: readonly FunctionGroup[], services: OwnServices): LocalStack['admin'] {
  const arn = groups.map(({ spec }) => spec.variables[ADMINISTRATOR_VARIABLE]).find((value) => value !== undefined);
  const secret = arn === undefined ? null : services.standIns.readSecret(arn);
  if (secret === null)
    throw new StartError(`No function has the secret of the first administrator (${ADMINISTRATOR_VARIABLE}).`);
  return JSON.parse(secret) as LocalStack['admin'];
}

async function describeRelay(template: Template, serving: readonly FunctionGroup[]) {
  const relay = serving.find(({ spec }) => spec.name === RELAY);
  const distribution = template.resources.find(({ type }) => type === 'AWS::CloudFront::Distribution');
  if (relay === undefined || distribution === undefined)
    throw new StartError('The template has no relay behind a distribution.');
  const origins = [...readDistribution(distribution.properties()).origins.values()];
  const origin = origins.find(({ domainName }) => domainName === relay.spec.domainName);
  return { url: `http://127.0.0.1:${await relay.firstPort()}`, headers: origin?.headers ?? {} };
}

/** `relay` is the first of the relay's processes, which are `relay-0`, `relay-1`, … */
function collectPids(groups: readonly FunctionGroup[], services: OwnServices): Record<string, number> {
  const functions: Record<string, number> = {};
  for (const group of groups) Object.assign(functions, group.pids());
  const relay = functions[`${RELAY}-0`];
  return { ...(relay !== undefined && { [RELAY]: relay }), ...functions, ...services.pids(), runner: process.pid };
}

async function stopAll(groups: readonly FunctionGroup[]): Promise<void> {
  await Promise.all(groups.map((group) => group.stop(FUNCTION_GRACE_MS)));
}

function logHint({ directory }: LocalStackContext, name: string): string {
  return `see ${directory.file('logs', `${name}.log`)}`;
}
