/** A price list as its makers publish it: entries by the list's names of models. */
export type PriceList = Record<string, unknown>;

export type ReadPriceList = { ok: true; list: PriceList; count: number } | { ok: false; why: 'json' | 'shape' };

/** A list is an object of objects; at least one of them has to be there. */
export function readPriceList(text: string): ReadPriceList {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, why: 'json' };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { ok: false, why: 'shape' };
  const list = value as PriceList;
  const count = Object.values(list).filter((entry) => typeof entry === 'object' && entry !== null).length;
  return count === 0 ? { ok: false, why: 'shape' } : { ok: true, list, count };
}
