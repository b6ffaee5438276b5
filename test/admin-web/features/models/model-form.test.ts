import { modelFields } from '@sluice/contract/models';
import {
  emptyModel,
  emptyRoute,
  faultsOfModel,
  formOfModel,
  modelOf,
  moveRoute,
  placeOfRoute,
} from '../../../../admin-web/src/features/models/model-form.ts';
import { emptyTier } from '../../../../admin-web/src/features/models/price-form.ts';
import type { Model } from '../../../../admin-web/src/lib/api/models.ts';

const MODEL: Model = {
  name: 'gpt-5',
  class: 'heavy',
  routes: [
    { upstream: 'azure', model: 'five', priority: 1, weight: 2 },
    {
      upstream: 'openai',
      model: 'gpt-5.1',
      priority: 0,
      weight: 1,
      features: { sampling: false, reasoning: 'effort', tokenizer: null, maxOutputTokens: null },
      price: {
        inputPerMillion: 1,
        outputPerMillion: 2,
        cacheReadPerMillion: 0,
        cacheWrite5mPerMillion: 0,
        cacheWrite1hPerMillion: 0,
        reasoningPerMillion: null,
        audioPerMillion: null,
        perImage: null,
      },
    },
  ],
  price: null,
  priceVersion: null,
  maxOutputTokens: 128_000,
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-02T00:00:00.000Z',
};

describe('the form of a model', () => {
  it('sends back what was stored, its routes in the order in which they are tried', () => {
    const { class: kind, routes, price, maxOutputTokens } = MODEL;
    const stored = { class: kind, routes: routes.toReversed(), price, maxOutputTokens };
    expect(modelFields.parse(modelOf(formOfModel(MODEL)))).toEqual(modelFields.parse(stored));
  });

  it('takes the price away when the switch says so, whatever its fields hold', () => {
    const form = formOfModel(MODEL);
    expect(modelOf({ ...form, hasPrice: true, price: { ...form.price, inputPerMillion: '0.075' } }).price).toEqual({
      inputPerMillion: '0.075',
    });
    expect(modelOf({ ...form, price: { ...form.price, inputPerMillion: 3 } }).price).toBeNull();
  });

  it('finds nothing wrong with what it was given, and names each field at fault', () => {
    expect(faultsOfModel(formOfModel(MODEL))).toEqual({});
    const empty = emptyModel();
    const price = { ...empty.price, outputPerMillion: 0.0000001, tiers: [{ ...emptyTier(), aboveInputTokens: '' }] };
    expect(faultsOfModel({ ...empty, price })).toEqual({
      name: 'name',
      'routes.0.upstream': 'upstream',
      'routes.0.model': 'model',
      'price.outputPerMillion': 'money',
      'price.tiers': 'tiers',
      'price.tiers.0.aboveInputTokens': 'tokens',
    });
  });

  it('does not let a new model take the place of one that there is', () => {
    const form = { ...formOfModel(MODEL), name: ' gpt-5 ' };
    expect(faultsOfModel(form, ['gpt-5'])).toEqual({ name: 'taken' });
  });
});

describe('routes', () => {
  const route = (priority: number | '', weight: number | '' = 1) => ({ ...emptyRoute([]), priority, weight });

  it('that are added come after all others', () => {
    expect(emptyRoute([route(0), route(7)]).priority).toBe(8);
    expect(emptyRoute([]).priority).toBe(0);
  });

  it('take the priority of the place that they are moved to', () => {
    const [first, second] = [route(0), route(5)];
    const moved = moveRoute([first, second], 1, 0);
    expect(moved.map(({ id, priority }) => [id, priority])).toEqual([
      [second.id, 0],
      [first.id, 5],
    ]);
    expect(moveRoute([first], 0, 1)).toEqual([first]);
  });

  it('tell when they are tried and which part of the requests they get', () => {
    const routes = [route(0, 3), route(0, ''), route(4), route(9, 0)];
    expect(routes.map((_route, index) => placeOfRoute(routes, index))).toEqual([
      { turn: 1, share: 0.75 },
      { turn: 1, share: 0.25 },
      { turn: 2, share: 1 },
      { turn: 3, share: 1 },
    ]);
  });
});
