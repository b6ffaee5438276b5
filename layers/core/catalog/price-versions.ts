import { isSameJson } from '@sluice/kit/json/same-json';
import type { PriceFigures } from './configuration-types.ts';
import type { CatalogStore, Model, Price } from './store.ts';

/** Prices under their versions: changed figures take the next free number, since closed events point at old ones. */
export interface Versions {
  /** The model's own version of these figures where it has them now, else a new one. */
  find(figures: PriceFigures | null): Promise<Price | null>;
}

export function createVersions(
  catalog: Pick<CatalogStore, 'listPrices'>,
  model: string,
  stored: Pick<Model, 'price' | 'routes'> | null,
): Versions {
  const known = [stored?.price, ...(stored?.routes.map((route) => route.price) ?? [])].filter((price) => price != null);
  let newest: number | null = null;
  const next = async (): Promise<number> => {
    // A model that was deleted and made again finds its old versions here.
    newest ??= Math.max(0, ...(await catalog.listPrices(model)).map((price) => price.version));
    newest += 1;
    return newest;
  };
  return {
    async find(figures) {
      if (figures === null) return null;
      const same = known.find(({ version: _version, ...others }) => isSameJson(others, figures));
      if (same) return same;
      const price = { version: await next(), ...figures };
      known.push(price);
      return price;
    },
  };
}
