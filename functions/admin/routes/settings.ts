import { settingsAnswer, settingsUpdate } from '@sluice/contract/settings';
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
  ];
}
