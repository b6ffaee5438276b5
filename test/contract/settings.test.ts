import { describe, expect, it } from '@jest/globals';
import { SETTINGS_ITEM } from '../../layers/aws/tables/catalog-items.ts';
import {
  SETTING_GROUPS,
  SETTING_NAMES,
  SETTINGS,
  settingsChange,
  settingsView,
} from '../../layers/contract/settings.ts';
import { DEFAULT_SETTINGS } from '../../layers/core/catalog/store.ts';

describe('the table of settings', () => {
  it('has a row for each setting that the rules know, and no other', () => {
    expect(SETTING_NAMES.toSorted()).toEqual(Object.keys(DEFAULT_SETTINGS).toSorted());
  });

  it.each(SETTING_NAMES)('%s has a default that may be set, a group, and words for its reader', (name) => {
    const row = SETTINGS[name];
    expect(row.schema.safeParse(DEFAULT_SETTINGS[name]).error).toBeUndefined();
    expect(SETTING_GROUPS).toContain(row.group);
    expect(row.description).toMatch(/^[A-Z].{10,}\.$/);
    expect(row.effect).toMatch(/^[A-Z].+\.$/);
  });

  it.each(SETTING_NAMES)('%s is stored and read back', (name) => {
    const item = SETTINGS_ITEM.write({ [name]: DEFAULT_SETTINGS[name] });
    expect(SETTINGS_ITEM.read(item)).toEqual({ [name]: DEFAULT_SETTINGS[name] });
  });

  it('may be set all at once, one by one or not at all', () => {
    expect(settingsChange.safeParse(DEFAULT_SETTINGS).success).toBe(true);
    expect(settingsView.safeParse(DEFAULT_SETTINGS).success).toBe(true);
    expect(settingsChange.parse({})).toEqual({});
    expect(settingsChange.safeParse({ colour: 'blue' }).success).toBe(false);
  });
});
