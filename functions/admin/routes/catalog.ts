import { confirmation, successOf } from '@sluice/contract/envelopes';
import { modelFields, modelView } from '@sluice/contract/models';
import { settingsChange, settingsView } from '@sluice/contract/settings';
import { z } from 'zod';
import { changeSettings, showSettings } from '../resources/configuration.ts';
import { deleteModel, listModels, putModel } from '../resources/models.ts';
import { route, type AdminRoute } from '../route.ts';
import { warned } from './warned.ts';

// prettier-ignore
export function catalogRoutes(): AdminRoute[] {
  const models = { tag: 'Models', access: 'models:manage' } as const;
  const settings = { tag: 'Settings', access: 'settings:manage' } as const;
  return [
    route({ ...models, method: 'GET', path: '/api/admin/models', summary: 'Public models, routes and prices',
      answer: successOf(z.array(modelView)), run: listModels }),
    route({ ...models, method: 'PUT', path: '/api/admin/models/{name+}', summary: 'Make or change a model',
      body: modelFields, answer: successOf(modelView).extend(warned), run: putModel }),
    route({ ...models, method: 'DELETE', path: '/api/admin/models/{name+}', summary: 'Delete a model',
      answer: confirmation, run: deleteModel }),
    route({ ...settings, method: 'GET', path: '/api/admin/settings', summary: 'Settings',
      answer: successOf(settingsView), run: showSettings }),
    route({ ...settings, method: 'PUT', path: '/api/admin/settings', summary: 'Change some settings',
      body: settingsChange, answer: successOf(settingsView), run: changeSettings }),
  ];
}
