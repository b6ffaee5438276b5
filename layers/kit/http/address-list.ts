import ipaddr from 'ipaddr.js';

type Range = ReturnType<typeof ipaddr.parseCIDR>;

/**
 * Tells whether an address is in a list of addresses and networks (`192.0.2.7`, `10.0.0.0/8`, `2001:db8::/32`). IPv4
 * addresses written as IPv6 (`::ffff:192.0.2.7`) are judged as IPv4; what is no address is in no list.
 * @throws Error when an entry is neither an address nor CIDR notation
 */
export function createAddressList(entries: readonly string[]): (address: string) => boolean {
  const ranges = entries.map(rangeOf);
  return (address) => {
    if (!ipaddr.isValid(address)) return false;
    const parsed = ipaddr.process(address);
    return ranges.some(([network, bits]) => parsed.kind() === network.kind() && parsed.match(network, bits));
  };
}

const MAPPED_BITS = 96;

function rangeOf(entry: string): Range {
  const [network, bits] = entry.includes('/') ? ipaddr.parseCIDR(entry) : single(ipaddr.parse(entry));
  const isMapped = network.kind() === 'ipv6' && (network as ipaddr.IPv6).isIPv4MappedAddress() && bits >= MAPPED_BITS;
  return isMapped ? [(network as ipaddr.IPv6).toIPv4Address(), bits - MAPPED_BITS] : ([network, bits] as Range);
}

function single(address: ipaddr.IPv4 | ipaddr.IPv6): Range {
  return [address, address.kind() === 'ipv4' ? 32 : 128] as Range;
}
