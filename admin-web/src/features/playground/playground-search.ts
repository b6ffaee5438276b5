/** What the address of the playground says: the model, and a kept conversation to go on from. */
export interface PlaygroundSearch {
  model?: string | undefined;
  /** `<kind>/<id>` */
  from?: string | undefined;
}

/** Unknown values are ignored. A router reads `?model=4` as a number. */
export function readPlaygroundSearch({ model, from }: Record<string, unknown>): PlaygroundSearch {
  return {
    ...(typeof model === 'string' || typeof model === 'number' ? { model: String(model) } : {}),
    ...(typeof from === 'string' && /^(?:session|response)\/./.test(from) ? { from } : {}),
  };
}
