import type { CarriedSettings } from '@sluice/contract/carried-settings';
import { listIssues } from '@sluice/contract/issues';
import {
  SETTING_NAMES,
  SETTINGS,
  settingsChange,
  type SettingName,
  type SettingsChange,
} from '@sluice/contract/settings';
import { imageMethodOf } from '@sluice/core/catalog/image-method';
import type { Settings } from '@sluice/core/catalog/store';
import { InputRefused } from '../refusal.ts';
import type { Answer, Call, Caller } from '../route.ts';
import type { AdminServices } from '../services.ts';
import { applySettings, maskSettings } from './settings.ts';

type None = Record<string, never>;

/** A name of the older contract that one of our settings answers to. */
interface Carried {
  read(settings: Settings): unknown;
  /** What to set; null when the value does not fit. */
  write(value: unknown, settings: Settings): SettingsChange | null;
  expects: string;
}

const MOST_SECONDS = 840;
const IMAGE_FORMATS = ['url', 'b64_json', 'base64'] as const;

const CARRIED: Readonly<Record<string, Carried>> = {
  'app.image_format': {
    read: ({ imageFormat }) => imageFormat,
    write: (value) => {
      const known = IMAGE_FORMATS.find((format) => format === value);
      return known === undefined ? null : { imageFormat: known };
    },
    expects: `Expected one of ${IMAGE_FORMATS.join(', ')}`,
  },
  'grok.image_generation_method': {
    read: ({ imageGenerationMethod }) => imageMethodOf(imageGenerationMethod),
    write: (value) => (typeof value === 'string' ? { imageGenerationMethod: imageMethodOf(value) } : null),
    expects: 'Expected a text',
  },
  'grok.video_poster_preview': {
    read: ({ videoPosterPreview }) => videoPosterPreview === 'on',
    write: (value) => (typeof value === 'boolean' ? { videoPosterPreview: value ? 'on' : 'off' } : null),
    expects: 'Expected true or false',
  },
  'grok.timeout': {
    read: ({ upstreamTimeouts: { chat } }) => (chat?.firstByteMs === undefined ? null : chat.firstByteMs / 1000),
    write(value, { upstreamTimeouts }) {
      if (typeof value !== 'number' || !(value >= 1 && value <= MOST_SECONDS)) return null;
      const chat = { ...upstreamTimeouts.chat, firstByteMs: Math.round(value * 1000) };
      return { upstreamTimeouts: { ...upstreamTimeouts, chat } };
    },
    expects: `Expected seconds from 1 to ${MOST_SECONDS}`,
  },
};

/** The other names of the older contract, and where their matter is settled here. */
const ELSEWHERE: Readonly<Record<string, readonly [reason: string, names: readonly string[]]>> = {
  app: [
    'keys, users and addresses have pages and paths of their own',
    ['api_key', 'admin_username', 'app_key', 'app_url', 'upstream_base_url', 'video_format'],
  ],
  grok: [
    'upstreams, credentials and models are configured one by one',
    [
      'temporary',
      'stream',
      'thinking',
      'dynamic_statsig',
      'filter_tags',
      'base_proxy_url',
      'asset_proxy_url',
      'cf_clearance',
      'max_retry',
      'retry_status_codes',
    ],
  ],
  token: [
    'the vault refreshes credentials by its own settings',
    ['auto_refresh', 'refresh_interval_hours', 'fail_threshold', 'save_delay_ms', 'reload_interval_sec'],
  ],
  cache: ['media expire at midnight by themselves', ['enable_auto_clean', 'limit_mb', 'keep_base64_cache']],
  performance: [
    'nothing of this is to be tuned by hand',
    [
      'assets_max_concurrent',
      'media_max_concurrent',
      'usage_max_concurrent',
      'assets_delete_batch_size',
      'assets_batch_size',
      'media_batch_size',
      'usage_batch_size',
      'admin_assets_batch_size',
    ],
  ],
};

export async function showCarriedSettings(services: AdminServices): Promise<Answer> {
  const groups = groupsOf(await services.catalog.readSettings());
  return { json: { success: true, data: groups, ...groups } };
}

/** Merges what is given. A name that means nothing here is told, not refused, so that an older page can save. */
export async function changeCarriedSettings(
  services: AdminServices,
  call: Call<CarriedSettings, None, Caller>,
): Promise<Answer> {
  const { settings: stored, version } = await services.catalog.readVersionedSettings();
  const { change, warnings } = readGroups(call.body, stored);
  // Values were merged into what was read, so another change in between must not be undone.
  await applySettings(services, change, version);
  const groups = groupsOf(await services.catalog.readSettings());
  return { json: { success: true, message: 'The settings are saved.', data: groups, warnings, ...groups } };
}

export async function showStorage(): Promise<Answer> {
  return { json: { success: true, type: 'dynamodb', data: { type: 'dynamodb' } } };
}

function groupsOf(settings: Settings): CarriedSettings {
  const shown = maskSettings(settings);
  const groups: CarriedSettings = {};
  const put = (group: string, name: string, value: unknown): void => {
    groups[group] = { ...groups[group], [name]: value };
  };
  for (const name of SETTING_NAMES) put(SETTINGS[name].group, name, shown[name]);
  for (const [path, { read }] of Object.entries(CARRIED)) {
    const [group = '', name = ''] = path.split('.');
    put(group, name, read(settings));
  }
  return groups;
}

function readGroups(body: CarriedSettings, stored: Settings): { change: SettingsChange; warnings: string[] } {
  const own: Record<string, unknown> = {};
  let carried: SettingsChange = {};
  const paths = new Map<string, string>();
  const warnings: string[] = [];
  const errors: { path: string; message: string }[] = [];
  for (const [group, names] of Object.entries(body)) {
    for (const [name, value] of Object.entries(names)) {
      const path = `${group}.${name}`;
      const known = Object.hasOwn(CARRIED, path) ? CARRIED[path] : undefined;
      if (isOwn(group, name)) {
        own[name] = value;
        paths.set(name, path);
      } else if (known) {
        const given = value === null ? {} : known.write(value, { ...stored, ...withoutUndefined(carried) });
        if (given) carried = { ...carried, ...given };
        else errors.push({ path, message: known.expects });
      } else if (ELSEWHERE[group]?.[1].includes(name)) {
        warnings.push(`${path} was left out: ${ELSEWHERE[group][0]}.`);
      } else errors.push({ path, message: 'Unknown field' });
    }
  }
  const parsed = settingsChange.safeParse(own);
  if (!parsed.success) {
    const issues = listIssues(parsed.error).map(({ path, message }) => {
      const [first = ''] = path.split(/[.[]/);
      return { path: `${paths.get(first) ?? first}${path.slice(first.length)}`, message };
    });
    errors.push(...issues);
  }
  if (errors.length > 0) throw new InputRefused(errors);
  return { change: { ...carried, ...parsed.data }, warnings };
}

function isOwn(group: string, name: string): boolean {
  return Object.hasOwn(SETTINGS, name) && SETTINGS[name as SettingName].group === group;
}

function withoutUndefined(change: SettingsChange): Partial<Settings> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}
