import { confirmation, successOf } from '@sluice/contract/envelopes';
import { callableModel, modelFields, modelView } from '@sluice/contract/models';
import { z } from 'zod';
import { deleteModel, listCallableModels, listModels, putModel, readModel } from '../resources/models.ts';
import { route, type AdminRoute } from '../route.ts';
import { warned } from './warned.ts';

// prettier-ignore
export function catalogRoutes(): AdminRoute[] {
  const models = { tag: 'Models', access: 'models:manage' } as const;
  return [
    route({ method: 'GET', path: '/api/user/models', tag: 'Models', access: 'keys:own',
      summary: 'The models that your keys may ask for', answer: successOf(z.array(callableModel)),
      run: listCallableModels }),
    route({ ...models, method: 'GET', path: '/api/admin/models', summary: 'Public models, routes and prices',
      answer: successOf(z.array(modelView)), run: listModels }),
    route({ ...models, method: 'PUT', path: '/api/admin/models/{name+}', summary: 'Make or change a model',
      audit: { of: 'everybody', before: readModel }, body: modelFields,
      answer: successOf(modelView).extend(warned), run: putModel }),
    route({ ...models, method: 'DELETE', path: '/api/admin/models/{name+}', summary: 'Delete a model',
      audit: { of: 'everybody', before: readModel }, answer: confirmation, run: deleteModel }),
  ];
}
