import { lookup as lookupOfSystem, type LookupAddress, type LookupAllOptions } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** An upstream's address that may not be called: in no allowed range, and not public or not called over https. */
export class AddressRefusedError extends Error {
  readonly code = 'SLUICE_ADDRESS_REFUSED';
  constructor(address: string) {
    super(`The address ${address} is in no allowed range, and not to be reached over https on the public Internet`);
    this.name = 'AddressRefusedError';
  }
}

export type AddressCheck = (address: string) => boolean;

/** Public by its range, and yet a cloud's metadata service (Azure's wire server). */
const METADATA_ADDRESSES: ReadonlySet<string> = new Set(['168.63.129.16']);

/** All that is handed out as global IPv6 (https://www.iana.org/assignments/ipv6-address-space). */
const GLOBAL_IPV6 = ipaddr.parseCIDR('2000::/3');

/**
 * Tells whether an IP address may be called. Only global unicast addresses may: no private, shared, link-local,
 * loopback, metadata, multicast, documentation or translation range (RFC 6890), unless it lies in an allowed range.
 * IPv4 addresses written as IPv6 (`::ffff:10.0.0.1`) are judged as IPv4.
 * @param allowedNetworks CIDR ranges
 * @throws Error when a range is not CIDR notation
 */
export function createAddressCheck(allowedNetworks: readonly string[]): AddressCheck {
  const allowed = allowedNetworks.map((range) => ipaddr.parseCIDR(range));
  return (address) => {
    if (!ipaddr.isValid(address)) return false;
    const parsed = ipaddr.process(address);
    return isInside(parsed, allowed) || isPublic(parsed);
  };
}

function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (address.range() !== 'unicast' || METADATA_ADDRESSES.has(address.toString())) return false;
  return address.kind() === 'ipv4' || address.match(...GLOBAL_IPV6);
}

/** As `createAddressCheck` without the public Internet, over which no credential goes by plain HTTP. */
export function createAllowedCheck(allowedNetworks: readonly string[]): AddressCheck {
  const allowed = allowedNetworks.map((range) => ipaddr.parseCIDR(range));
  return (address) => ipaddr.isValid(address) && isInside(ipaddr.process(address), allowed);
}

type Range = ReturnType<typeof ipaddr.parseCIDR>;

function isInside(address: ipaddr.IPv4 | ipaddr.IPv6, ranges: readonly Range[]): boolean {
  return ranges.some(([network, bits]) => address.kind() === network.kind() && address.match(network, bits));
}

/** The address when a URL's host name is one already (`[::1]`, `10.0.0.1`), which no lookup would see; else null. */
export function literalAddress(hostname: string): string | null {
  const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  return isIP(bare) === 0 ? null : bare;
}

type ResolveAll = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * A `lookup` for `net.connect`: the connection goes to an address that was checked here, so that a name cannot
 * resolve to one thing for the check and to another for the connection.
 */
export function createGuardedLookup(mayCall: AddressCheck, resolve: ResolveAll = lookupOfSystem): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0);
      const checked = addresses.filter(({ address }) => mayCall(address));
      const first = checked[0];
      if (!first) return callback(new AddressRefusedError(addresses[0]?.address ?? hostname), '', 0);
      if (options.all) return callback(null, checked);
      return callback(null, first.address, first.family);
    });
  };
}
