import type { SealedValue } from '../../../layers/core/credentials/store.ts';

/** A token stands for its sealed self. */
export const sealed = (name: string): SealedValue => name as unknown as SealedValue;
export const nameOf = (value: SealedValue | null): string => (value === null ? '' : String(value));
