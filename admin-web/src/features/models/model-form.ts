import { modelEntry, type modelFields } from '@sluice/contract/models';
import { randomId } from '@mantine/hooks';
import type { z } from 'zod';
import type { Model } from '../../lib/api/models.ts';
import type { CLASSES } from './models-search.ts';
import { emptyPrice, formOfPrice, priceOf, type NumberText, type PriceForm } from './price-form.ts';
import { featuresOf, formOfFeatures, type FeaturesForm } from './route-features.ts';

export interface RouteForm {
  /** Tells rows apart while they are moved. */
  id: string;
  upstream: string;
  model: string;
  priority: NumberText;
  weight: NumberText;
  features: FeaturesForm;
  hasPrice: boolean;
  price: PriceForm;
}

/** A model as its form holds it, by the contract's names. */
export interface ModelForm {
  name: string;
  class: (typeof CLASSES)[number];
  maxOutputTokens: NumberText;
  routes: RouteForm[];
  hasPrice: boolean;
  price: PriceForm;
}

export type ModelInput = z.input<typeof modelFields>;

/** One that is asked after all that there are. */
export function emptyRoute(routes: readonly RouteForm[], upstream = ''): RouteForm {
  const last = Math.max(-1, ...routes.map(({ priority }) => Number(priority)));
  const facts = { upstream, model: '', priority: Math.min(last + 1, 1000), weight: 1 };
  return { id: randomId('route-'), ...facts, features: formOfFeatures(), hasPrice: false, price: emptyPrice() };
}

export function emptyModel(upstream?: string): ModelForm {
  const routes = [emptyRoute([], upstream)];
  return { name: '', class: 'chat', maxOutputTokens: '', routes, hasPrice: true, price: emptyPrice() };
}

/** Routes stand in the order in which they are tried. */
export function formOfModel(model: Model): ModelForm {
  return {
    name: model.name,
    class: model.class,
    maxOutputTokens: model.maxOutputTokens ?? '',
    routes: inOrder(model.routes).map((route, index) => ({
      id: `route-${index}`,
      upstream: route.upstream,
      model: route.model,
      priority: route.priority,
      weight: route.weight,
      features: formOfFeatures(route.features),
      hasPrice: route.price !== undefined,
      price: formOfPrice(route.price),
    })),
    hasPrice: model.price !== null,
    price: formOfPrice(model.price),
  };
}

export function modelOf(form: ModelForm): ModelInput {
  return {
    class: form.class,
    routes: form.routes.map((route) => {
      const features = featuresOf(route.features);
      return {
        upstream: route.upstream,
        model: route.model.trim(),
        ...(route.priority !== '' && { priority: Number(route.priority) }),
        ...(route.weight !== '' && { weight: Number(route.weight) }),
        ...(features && { features }),
        ...(route.hasPrice && { price: priceOf(route.price) }),
      };
    }),
    price: form.hasPrice ? priceOf(form.price) : null,
    maxOutputTokens: form.maxOutputTokens === '' ? null : Number(form.maxOutputTokens),
  };
}

export type ModelFault =
  'taken' | 'name' | 'upstream' | 'model' | 'priority' | 'weight' | 'tokens' | 'tiers' | 'money' | 'routes';

/**
 * What the API would refuse, by the path of the field: `routes.0.price.inputPerMillion`.
 * @param taken names that a new model may not have, for it would take the place of the one that has it
 */
export function faultsOfModel(form: ModelForm, taken: readonly string[] = []): Record<string, ModelFault> {
  if (taken.includes(form.name.trim())) return { name: 'taken' };
  const parsed = modelEntry.safeParse({ name: form.name.trim(), ...modelOf(form) });
  if (parsed.success) return {};
  return Object.fromEntries(parsed.error.issues.map(({ path }) => [path.join('.'), faultAt(String(path.at(-1)))]));
}

const NAMED = new Map<string, ModelFault>([
  ['name', 'name'],
  ['upstream', 'upstream'],
  ['model', 'model'],
  ['priority', 'priority'],
  ['weight', 'weight'],
  ['aboveInputTokens', 'tokens'],
  ['maxOutputTokens', 'tokens'],
  ['defaultMaxOutputTokens', 'tokens'],
  ['tiers', 'tiers'],
  ['routes', 'routes'],
]);

function faultAt(field: string): ModelFault {
  return NAMED.get(field) ?? 'money';
}

/** As they are tried: by priority, equals as they stand. */
export function inOrder<Route extends { priority: number }>(routes: readonly Route[]): Route[] {
  return routes.toSorted((left, right) => left.priority - right.priority);
}

/** A route takes the place of its neighbour, and its priority with it, so that the order on the page is what holds. */
export function moveRoute(routes: readonly RouteForm[], from: number, to: number): RouteForm[] {
  const [moved, neighbour] = [routes[from], routes[to]];
  if (!moved || !neighbour) return [...routes];
  const placed = [...routes];
  placed[to] = { ...moved, priority: neighbour.priority };
  placed[from] = { ...neighbour, priority: moved.priority };
  return placed;
}

/**
 * When a route is tried, and how many of the requests that come so far it gets.
 * @returns `turn` from 1; `share` from 0 to 1
 */
export function placeOfRoute(
  routes: readonly { priority: NumberText; weight: NumberText }[],
  index: number,
): { turn: number; share: number } {
  const priorityOf = (route: { priority: NumberText } | undefined): number => Number(route?.priority ?? 0);
  const weightOf = ({ weight }: { weight: NumberText }): number => (weight === '' ? 1 : Number(weight));
  const own = priorityOf(routes[index]);
  const earlier = new Set(routes.map(priorityOf).filter((priority) => priority < own));
  const equals = routes.filter((route) => priorityOf(route) === own);
  const total = equals.reduce((sum, route) => sum + weightOf(route), 0);
  const route = routes[index];
  return { turn: earlier.size + 1, share: route && total > 0 ? weightOf(route) / total : 1 / equals.length };
}
