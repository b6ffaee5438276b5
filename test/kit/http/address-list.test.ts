import { describe, expect, it } from '@jest/globals';
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
});
