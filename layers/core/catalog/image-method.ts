const EXPERIMENTAL = 'imagine_ws_experimental';
const NAMES_OF_EXPERIMENTAL: ReadonlySet<string> = new Set([
  EXPERIMENTAL,
  'imagine_ws',
  'experimental',
  'new',
  'new_method',
]);

export type ImageMethod = 'legacy' | typeof EXPERIMENTAL;

/** By which way a page of the older contract shows pictures. Older names mean the same; what is not known is `legacy`. */
export function imageMethodOf(name: string): ImageMethod {
  return NAMES_OF_EXPERIMENTAL.has(name.trim().toLowerCase()) ? EXPERIMENTAL : 'legacy';
}
