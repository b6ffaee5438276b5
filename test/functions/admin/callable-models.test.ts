import { createStage } from './support/admin-stage.ts';

test('whoever has keys is told which models there are, and nothing of their routes and prices', async () => {
  const stage = createStage();
  const facts = { routes: [], price: null, maxOutputTokens: null, createdAt: 0, updatedAt: 0 };
  await stage.services.catalog.putModel({ ...facts, name: 'z', class: 'image' });
  await stage.services.catalog.putModel({ ...facts, name: 'a', class: 'chat' });
  const { json } = await stage.call('/api/user/models', { headers: await stage.as('user') });
  expect(json.data).toEqual([
    { name: 'a', class: 'chat' },
    { name: 'z', class: 'image' },
  ]);
  expect((await stage.call('/api/user/models')).status).toBe(401);
});
