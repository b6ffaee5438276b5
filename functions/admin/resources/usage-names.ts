import type { AdminServices } from '../services.ts';

/** Names are looked up one by one; of a longer list those of the first are enough. */
const MOST_NAMES = 100;

/** What people call users and keys, by id. Those that are gone, and everything else, have no other name. */
export async function nameMembers(
  { identity }: AdminServices,
  kind: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const find =
    kind === 'user'
      ? async (id: string) => (await identity.findUserById(id))?.username
      : kind === 'key'
        ? async (id: string) => (await identity.findKeyById(id))?.name
        : null;
  if (find === null) return new Map();
  const wanted = ids.slice(0, MOST_NAMES);
  const names = await Promise.all(wanted.map(find));
  return new Map(wanted.flatMap((id, index) => (names[index] === undefined ? [] : [[id, names[index]] as const])));
}
