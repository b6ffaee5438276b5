import { BlockList } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createAddressList } from '../../../layers/kit/http/address-list.ts';

describe('a list of addresses and networks', () => {
  const listed = createAddressList([
    '192.0.2.7',
    '10.0.0.0/8',
    '2001:db8::/32',
    '2001:db9::1',
    '::ffff:198.51.100.0/120',
  ]);

  it.each([
    '192.0.2.7',
    '10.255.255.255',
    '2001:db8::5',
    '2001:0db8:0000::5',
    '2001:db9::1',
    '::ffff:192.0.2.7',
    '::ffff:10.1.2.3',
    '198.51.100.255',
  ])('holds %s', (address) => {
    expect(listed(address)).toBe(true);
  });

  it.each([
    '192.0.2.8',
    '11.0.0.0',
    '2001:db9::2',
    '198.51.101.0',
    '::ffff:192.0.2.8',
    '::',
    '',
    'localhost',
    '10.0.0.1:443',
    '10.0.0.1, 192.0.2.8',
  ])('does not hold %j', (address) => {
    expect(listed(address)).toBe(false);
  });

  it('that holds what is no address is refused as a whole', () => {
    expect(() => createAddressList(['192.0.2.7', 'example.com'])).toThrow();
    expect(() => createAddressList(['10.0.0.0/33'])).toThrow();
  });

  it('agrees with the operating system’s own idea of networks, over all addresses', () => {
    const v4 = fc.ipV4();
    const v6 = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 }).map((words) =>
      // A first word above 0 keeps clear of the addresses that stand for IPv4.
      [(words[0] ?? 0) | 0x2000, ...words.slice(1)].map((word) => word.toString(16)).join(':'),
    );
    const network = fc.oneof(
      fc.tuple(v4, fc.integer({ min: 1, max: 32 })),
      fc.tuple(v6, fc.integer({ min: 1, max: 128 })),
    );
    fc.assert(
      fc.property(fc.array(network, { minLength: 1, maxLength: 5 }), fc.oneof(v4, v6), (networks, address) => {
        const judge = new BlockList();
        for (const [base, bits] of networks) judge.addSubnet(base, bits, base.includes(':') ? 'ipv6' : 'ipv4');
        const isIn = createAddressList(networks.map(([base, bits]) => `${base}/${bits}`));
        for (const asked of [address, ...networks.map(([base]) => base)]) {
          expect([asked, isIn(asked)]).toEqual([asked, judge.check(asked, asked.includes(':') ? 'ipv6' : 'ipv4')]);
        }
      }),
    );
  });
});
