import {
  isSecretSetting,
  SECRET_MASK,
  SETTING_GROUPS,
  SETTING_NAMES,
  SETTINGS,
  type SettingName,
  type SettingsChange,
  type SettingsUpdate,
} from '@sluice/contract/settings';
import { DEFAULT_SETTINGS, type Settings, type VersionedSettings } from '@sluice/core/catalog/store';
import type { PlainRequest } from '@sluice/kit/http/exchange';
import { InputRefused } from '../refusal.ts';
import { success, type Answer, type Call, type Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';

type None = Record<string, never>;

export async function showSettings(services: AdminServices): Promise<Answer> {
  return answerOf(await services.catalog.readVersionedSettings());
}

export async function changeSettings(
  services: AdminServices,
  call: Call<SettingsUpdate, None, Caller>,
): Promise<Answer> {
  const { version, ...change } = call.body;
  await applySettings(services, change, version ?? versionOfHeader(call.request));
  return answerOf(await services.catalog.readVersionedSettings());
}

/** @throws InputRefused, GatewayError `conflict` */
export async function applySettings(
  services: AdminServices,
  change: SettingsChange,
  seenVersion?: number,
): Promise<void> {
  const empty = { upstreams: [], credentials: [], models: [], keys: [] };
  const before = change.autoRefresh && (await services.catalog.readSettings());
  const applied = await services.configuration.apply({ ...empty, settings: withoutMasks(change) }, seenVersion);
  if (applied.outcome === 'refused') throw new InputRefused(applied.errors);
  if (before) await startSweep(services, before.autoRefresh, change.autoRefresh);
}

const SWEEP = 'refresh-credentials';

/** The first sweep does not wait for its tick. Where it cannot be started, the tick does it. */
export async function startSweep(
  services: Pick<AdminServices, 'startSchedule' | 'log'>,
  before: Settings['autoRefresh'],
  after: SettingsChange['autoRefresh'],
): Promise<void> {
  if (!after?.enabled || (before.enabled && before.intervalDays === after.intervalDays)) return;
  await services.startSchedule(SWEEP).catch((error: unknown) => {
    services.log.warn('sweep_not_started', { internal: error instanceof Error ? error.message : String(error) });
  });
}

/** What nobody may read is shown as set or not set. */
export function maskSettings(settings: Settings, isSecret = isSecretSetting): Settings {
  const masked = SETTING_NAMES.filter((name) => isSecret(name) && isSet(settings[name]));
  return { ...settings, ...Object.fromEntries(masked.map((name) => [name, SECRET_MASK])) };
}

/** What an export may carry. */
export function withoutSecrets(settings: Settings, isSecret = isSecretSetting): Partial<Settings> {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !isSecret(name as SettingName)));
}

/** A form that sends back what it was shown means to keep it. */
export function withoutMasks(change: SettingsChange, isSecret = isSecretSetting): SettingsChange {
  const given: [string, unknown][] = Object.entries(change);
  const kept = given.filter(([name, value]) => !(isSecret(name as SettingName) && value === SECRET_MASK));
  return Object.fromEntries(kept);
}

function isSet(value: unknown): boolean {
  return value !== '' && value !== null && value !== undefined;
}

function answerOf({ settings, version }: VersionedSettings): Answer {
  const shown = maskSettings(settings);
  const groups = SETTING_GROUPS.map((group) => ({
    name: group,
    settings: SETTING_NAMES.filter((name) => SETTINGS[name].group === group).map((name) => ({
      key: name,
      value: shown[name],
      default: DEFAULT_SETTINGS[name],
      secret: isSecretSetting(name),
      description: SETTINGS[name].description,
      effect: SETTINGS[name].effect,
    })),
  }));
  return { ...success(shown, { version, groups }), headers: { etag: `"${version}"` } };
}

/** `If-Match: "7"`, as the `etag` of the answer says it. https://www.rfc-editor.org/rfc/rfc9110#name-if-match */
function versionOfHeader(request: PlainRequest): number | undefined {
  const text = request.headers['if-match']?.trim();
  if (text === undefined || text === '*') return undefined;
  const version = /^(?:W\/)?"?(\d{1,15})"?$/.exec(text)?.[1];
  if (version === undefined) {
    throw new InputRefused([{ path: 'if-match', message: 'Expected the etag of the settings, such as "7"' }]);
  }
  return Number(version);
}
