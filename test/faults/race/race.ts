import { setTimeout as pause } from 'node:timers/promises';
import { digestToken } from '../../../layers/core/credentials/refresh/exchange.ts';
import { createAdminClient } from '../../support/admin-client.ts';
import { startFunctionProcess, type FunctionProcess } from '../../support/function-process.ts';
import { keepOutOfLogs } from '../../support/log-secrets.ts';
import type { Stack } from '../../support/stack.ts';

/*
 * Real processes that race for one record: two of the vault function, in each of them machines that ask over HTTP,
 * operators who ask by hand and relays that were refused, and a sweep, all released together on a token that is due;
 * the authorization server gives every refresh token once and revokes a family that uses one twice. It answers when all
 * have arrived: whoever asks for a refresh after another one has ended is given one of their own.
 */

export interface RaceReport {
  rounds: number;
  /** Who asked, over all rounds. */
  askers: number;
  grants: number;
  /** How askers came out. */
  outcomes: Record<string, number>;
  /** Sentences; none is what is wanted. */
  faults: string[];
}

export interface RaceOptions {
  rounds: number;
  say?: (text: string) => void;
}

/** Between rounds: beyond 80 % of the hour that a token lives, so that it is due, and not beyond its end. */
const ROUND_MS = 50 * 60_000;
const OF_EACH_KIND = 2;
const GATE_TRIES = 2_000;
/** A sweep reads more before it begins: in every third round it is sent off a little earlier, or it would never be first. */
const LONGEST_START_MS = 60;

interface Track {
  upstream: string;
  credentialId: string;
  bizId: string;
  family: string;
  /** Of machines, and what CloudFront adds. */
  headers: Record<string, string>;
  sandboxUrl: string;
}

interface Racers {
  vaults: FunctionProcess[];
  sweep: FunctionProcess;
}

export async function race(stack: Pick<Stack, 'ready' | 'dataDirectory'>, options: RaceOptions): Promise<RaceReport> {
  const track = await layTrack(stack);
  const report: RaceReport = { rounds: 0, askers: 0, grants: 0, outcomes: {}, faults: [] };
  const racers: Racers = {
    vaults: await Promise.all([1, 2].map(() => startFunctionProcess(stack, 'vault', 'function-url'))),
    sweep: await startFunctionProcess(stack, 'refresh-credentials', 'invoke'),
  };
  try {
    for (let round = 1; round <= options.rounds && report.faults.length === 0; round += 1) {
      await runRound({ track, racers, round, report });
      if (round % 50 === 0) options.say?.(`${round} rounds, ${report.grants} grants`);
    }
  } finally {
    await Promise.all([...racers.vaults, racers.sweep].map((process) => process.stop()));
  }
  return report;
}

async function layTrack(stack: Pick<Stack, 'ready' | 'dataDirectory'>): Promise<Track> {
  const { ready } = stack;
  const admin = await createAdminClient(ready);
  const stamp = Date.now().toString(36);
  const [upstream, bizId, family] = [`race-${stamp}`, `biz-${stamp}`, `race-${stamp}--gate`];
  const machineSecret = `machine-secret-of-the-race-${stamp}-0123456789`;
  keepOutOfLogs('a machine secret', machineSecret);
  const place = { format: 'openai-chat', vendor: 'openai-compatible', baseUrl: `${ready.sandboxUrl}/v1` };
  const oauth = { tokenUrl: `${ready.sandboxUrl}/oauth/token`, clientId: 'sandbox-client' };
  await admin.expectOk('POST', '/api/admin/import', {
    version: 1,
    upstreams: [{ name: upstream, ...place, oauth }],
    credentials: [{ upstream, name: 'raced', kind: 'oauth', refreshToken: `rt-${family}`, bizId }],
    machineSecrets: [{ name: upstream, secret: machineSecret, requestsPerMinute: 1_000_000 }],
  });
  const { data } = await admin.expectOk('GET', `/api/admin/credentials?upstream=${upstream}`);
  const credentialId = (data as { id: string }[])[0]!.id;
  const headers = { ...ready.relayHeaders, 'x-api-secret': machineSecret };
  const track = { upstream, credentialId, bizId, family, headers, sandboxUrl: ready.sandboxUrl };
  const first = admin.expectOk('POST', `/api/admin/credentials/${upstream}/${credentialId}/refresh`, {});
  await openGate(track);
  await first;
  // The process of a schedule is there once it was run.
  await admin.expectOk('POST', '/api/admin/schedules/refresh-credentials/run', {});
  return track;
}

interface Round {
  track: Track;
  racers: Racers;
  round: number;
  report: RaceReport;
}

async function runRound({ track, racers, round, report }: Round): Promise<void> {
  const { vaults, sweep } = racers;
  const offsetMs = round * ROUND_MS;
  await Promise.all([...vaults, sweep].map((process) => process.setClock(offsetMs)));
  const before = await stateOf(track);
  const old = await vend(vaults[0]!, track, 'get-at');
  const since = Date.now() + offsetMs;
  const sweeping = sweep.invoke({ force: true, pauseMs: [0, 0] }) as Promise<Swept>;
  if (round % 3 === 0) await pause(Math.random() * LONGEST_START_MS);
  const told = Promise.all(vaults.flatMap((vault) => askDirectly(vault, { track, since, digest: digestToken(old) })));
  const tokens = Promise.all(vaults.flatMap((vault) => times(() => vend(vault, track, 'refresh'))));
  await Promise.all(vaults.map((vault) => arrived(vault, track)));
  const waited = await openGate(track);
  const ends = { told: await told, tokens: await tokens, swept: await sweeping };
  const after = await stateOf(track);
  const kept = await Promise.all(vaults.map((vault) => vend(vault, track, 'get-at')));
  keepOutOfLogs('an access token', kept[0]!);
  const seen = ends.swept.records.filter(({ credentialId }) => credentialId === track.credentialId);
  for (const { outcome } of ends.told) count(report, outcome);
  for (const { outcome } of seen) count(report, `sweep ${outcome}`);
  report.outcomes['vended'] = (report.outcomes['vended'] ?? 0) + ends.tokens.length;
  const grants = after.grants - before.grants;
  report.rounds += 1;
  report.askers += ends.told.length + ends.tokens.length + 1;
  report.grants += grants;
  const fault = (text: string): void => void report.faults.push(`round ${round}: ${text}`);
  if (waited !== 1) fault(`${waited} calls at the token endpoint at once`);
  if (grants !== 1) fault(`${grants} grants`);
  if (after.calls - before.calls !== grants) fault(`${after.calls - before.calls} calls of the token endpoint`);
  if (after.revoked) fault('the family is revoked');
  const fresh = new Set([...ends.tokens, ...kept]);
  if (fresh.size !== 1) fault(`${fresh.size} different access tokens`);
  if (fresh.has(old)) fault('the access token is the one of before');
  for (const { outcome, text } of ends.told) {
    if (outcome !== 'refreshed' && outcome !== 'current') fault(`${outcome}: ${text}`);
  }
  for (const { outcome } of seen) {
    if (!['refreshed', 'current', 'busy', 'not-due'].includes(outcome)) fault(`the sweep: ${outcome}`);
  }
}

function count({ outcomes }: RaceReport, outcome: string): void {
  outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
}

interface Swept {
  records: { credentialId: string; outcome: string }[];
}

interface Told {
  outcome: string;
  text: string;
}

/** As operators and relays do, who all hold the token of before. */
function askDirectly(
  vault: FunctionProcess,
  { track, since, digest }: { track: Track; since: number; digest: string },
): Promise<Told>[] {
  const { upstream, credentialId } = track;
  const ask = (cause: object) => vault.invoke({ action: 'refresh', upstream, credentialId, cause }) as Promise<Told>;
  return [...times(() => ask({ kind: 'manual', since })), ...times(() => ask({ kind: 'access-token', digest }))];
}

function times<Value>(make: () => Value): Value[] {
  return Array.from({ length: OF_EACH_KIND }, make);
}

/** As machines do. */
async function vend({ url }: FunctionProcess, track: Track, way: 'refresh' | 'get-at'): Promise<string> {
  const answer = await fetch(`${url}/public-api/${way}`, {
    method: 'POST',
    headers: { ...track.headers, 'content-type': 'application/json' },
    body: JSON.stringify({ biz_id: track.bizId }),
  });
  const { data, msg } = (await answer.json()) as { data?: { access_token: string }; msg: string };
  if (!answer.ok || !data?.access_token) throw new Error(`${way} answered ${answer.status}: ${msg}`);
  return data.access_token;
}

/** What asked this process before has begun when this is answered: both take the same way, one after the other. */
async function arrived({ url }: FunctionProcess, { headers }: Track): Promise<void> {
  for (let asked = 0; asked < 2; asked += 1) await (await fetch(`${url}/public-api/health`, { headers })).text();
}

/** As soon as somebody waits there. @returns how many did */
async function openGate({ sandboxUrl, family }: Track): Promise<number> {
  for (let tries = 0; tries < GATE_TRIES; tries += 1) {
    const answer = await fetch(`${sandboxUrl}/__oauth/release`, { method: 'POST', body: JSON.stringify({ family }) });
    const { released } = (await answer.json()) as { released: number };
    if (released > 0) return released;
    await pause(5);
  }
  return 0;
}

async function stateOf({ sandboxUrl, family }: Track): Promise<{ calls: number; grants: number; revoked: boolean }> {
  const { families } = (await (await fetch(`${sandboxUrl}/__oauth?family=${family}`)).json()) as {
    families: { name: string; asked: number; granted: number; revoked: boolean }[];
  };
  const found = families.find(({ name }) => name === family);
  return { calls: found?.asked ?? 0, grants: found?.granted ?? 0, revoked: found?.revoked ?? false };
}
