import { confirmation, successOf } from '@sluice/contract/envelopes';
import { modelFields, modelView } from '@sluice/contract/models';
import { z } from 'zod';
import { deleteModel, listModels, putModel, readModel } from '../resources/models.ts';
import { route, type AdminRoute } from '../route.ts';
import { warned } from './warned.ts';

// prettier-ignore
export function catalogRoutes(): AdminRoute[] {
  const models = { tag: 'Models', access: 'models:manage' } as const;
  return [
    route({ ...models, method: 'GET', path: '/api/admin/models', summary: 'Public models, routes and prices',
      answer: successOf(z.array(modelView)), run: listModels }),
    route({ ...models, method: 'PUT', path: '/api/admin/models/{name+}', summary: 'Make or change a model',
      audit: { of: 'everybody', before: readModel }, body: modelFields,
      answer: successOf(modelView).extend(warned), run: putModel }),
    route({ ...models, method: 'DELETE', path: '/api/admin/models/{name+}', summary: 'Delete a model',
      audit: { of: 'everybody', before: readModel }, answer: confirmation, run: deleteModel }),
  ];
}
