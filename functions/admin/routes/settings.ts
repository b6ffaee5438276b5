import {
  carriedSettingsAnswer,
  carriedSettingsChanged,
  carriedSettingsInput,
  storageAnswer,
} from '@sluice/contract/carried-settings';
import { settingsAnswer, settingsUpdate } from '@sluice/contract/settings';
import { changeCarriedSettings, showCarriedSettings, showStorage } from '../resources/carried-settings.ts';
import { changeSettings, showSettings } from '../resources/settings.ts';
import { route, type AdminRoute } from '../route.ts';

// prettier-ignore
export function settingsRoutes(): AdminRoute[] {
  const settings = { tag: 'Settings', access: 'settings:manage' } as const;
  return [
    route({ ...settings, method: 'GET', path: '/api/admin/settings', summary: 'Settings, flat and by group',
      answer: settingsAnswer, run: showSettings }),
    route({ ...settings, method: 'PUT', path: '/api/admin/settings', summary: 'Change some settings',
      body: settingsUpdate, answer: settingsAnswer, run: changeSettings }),
    route({ ...settings, method: 'GET', path: '/api/v1/admin/config', summary: 'Settings by group, for older readers',
      answer: carriedSettingsAnswer, run: showCarriedSettings }),
    route({ ...settings, method: 'POST', path: '/api/v1/admin/config',
      summary: 'Change some settings by group; names that mean nothing here are told',
      body: carriedSettingsInput, answer: carriedSettingsChanged,
      run: changeCarriedSettings }),
    route({ ...settings, method: 'GET', path: '/api/v1/admin/storage', summary: 'What the settings are kept in',
      answer: storageAnswer, run: showStorage }),
  ];
}
