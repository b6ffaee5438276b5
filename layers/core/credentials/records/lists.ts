import { createPrefixedId } from '@sluice/kit/ids/prefixed-id';
import { proxyMemberAssociatedData, type Sealer } from '../sealing-port.ts';
import type { Credential, SealedValue } from '../store.ts';
import type { Reassignment } from './store.ts';

/*
 * The proxies and the client ids that OAuth credentials are given at random (contracts.md §3.3).
 * `layers/aws/tables/credential-lists.ts` implements the store.
 */

export interface ProxyMember {
  id: string;
  /** Without user name and password. */
  url: string;
  /** `user:password`, each percent-encoded; sealed with `proxyMemberAssociatedData`. */
  auth: SealedValue | null;
  /** HMAC of it, so that a list sent again is seen to change nothing. */
  authDigest: string | null;
}

export interface CredentialLists {
  listProxies(): Promise<ProxyMember[]>;
  /** Takes away what is not in the list any more. */
  putProxies(members: readonly ProxyMember[]): Promise<void>;
  /** Of one upstream's OAuth clients; empty where there is no list. */
  readClientIds(upstream: string): Promise<string[]>;
  putClientIds(upstream: string, clientIds: readonly string[]): Promise<void>;
}

/** A proxy as it was given: a new one by its address, or a member as it was shown. */
export interface GivenProxy {
  url: string;
  /** `user:password`; null: none. */
  auth: string | null;
}

/** The list as it will be: members that were there already stay the same ones, with their passwords. */
export async function planProxies(
  { sealer, digest }: { sealer: () => Promise<Sealer>; digest: (text: string) => Promise<string> },
  given: readonly (GivenProxy | ProxyMember)[],
  stored: readonly ProxyMember[],
): Promise<ProxyMember[]> {
  const members: ProxyMember[] = [];
  for (const one of given) {
    if ('id' in one) {
      if (!members.some(({ id }) => id === one.id)) members.push(one);
      continue;
    }
    const { url, auth } = one;
    const authDigest = auth === null ? null : await digest(`proxy-list|${auth}`);
    const isSame = (member: ProxyMember): boolean => member.url === url && member.authDigest === authDigest;
    if (members.some(isSame)) continue;
    const known = stored.find(isSame);
    if (known !== undefined) {
      members.push(known);
      continue;
    }
    const id = createPrefixedId('prx');
    const sealed = auth === null ? null : await (await sealer()).seal(auth, proxyMemberAssociatedData(id));
    members.push({ id, url, auth: sealed, authDigest });
  }
  return members;
}

export function assignProxy({ id, url, auth, authDigest }: ProxyMember): NonNullable<Reassignment['proxy']> {
  return { proxyUrl: url, proxyAuth: auth, proxyAuthDigest: authDigest, proxyMember: id };
}

const NO_PROXY: NonNullable<Reassignment['proxy']> = {
  proxyUrl: null,
  proxyAuth: null,
  proxyAuthDigest: null,
  proxyMember: null,
};

/** @param random in [0, 1) */
export function drawFrom<Item>(list: readonly Item[], random: number): Item | null {
  return list[Math.floor(random * list.length)] ?? null;
}

/**
 * What a credential is to be given once a list was changed: members keep theirs, all others get one at random, and an
 * empty list takes away what there is. Null: nothing.
 * @param lists those that were changed; null or absent: as it was
 */
export function reassignmentOf(
  credential: Credential,
  lists: { proxies: readonly ProxyMember[] | null; clientIds?: readonly string[] | undefined },
  random: () => number,
): Reassignment | null {
  const proxy = lists.proxies === null ? null : proxyFor(credential, lists.proxies, random);
  const clientId = lists.clientIds === undefined ? undefined : clientIdFor(credential, lists.clientIds, random);
  if (proxy === null && clientId === undefined) return null;
  return { ...(proxy !== null && { proxy }), ...(clientId !== undefined && { clientId }) };
}

function proxyFor(
  { proxyUrl, proxyMember = null }: Credential,
  proxies: readonly ProxyMember[],
  random: () => number,
): NonNullable<Reassignment['proxy']> | null {
  const drawn = drawFrom(proxies, random());
  if (drawn === null) return proxyUrl === null ? null : NO_PROXY;
  // One that was given by hand stays where the list has its address, be it with another password.
  const isMember = proxies.some(({ id, url }) => (proxyMember === null ? url === proxyUrl : id === proxyMember));
  return isMember ? null : assignProxy(drawn);
}

function clientIdFor(
  { clientId = null }: Credential,
  clientIds: readonly string[],
  random: () => number,
): string | null | undefined {
  // Without a list it is the upstream's own client.
  if (clientIds.length === 0) return clientId === null ? undefined : null;
  if (clientId !== null && clientIds.includes(clientId)) return undefined;
  return drawFrom(clientIds, random());
}
