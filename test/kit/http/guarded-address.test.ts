import { createAddressCheck, createGuardedLookup, literalAddress } from '@sluice/kit/http/guarded-address';
import type { LookupAddress } from 'node:dns';

describe('addresses that may be called', () => {
  const mayCall = createAddressCheck([]);

  it.each(['1.1.1.1', '140.82.121.3', '2606:4700:4700::1111', '::ffff:8.8.8.8'])('%s is public', (address) => {
    expect(mayCall(address)).toBe(true);
  });

  it.each([
    '127.0.0.1',
    '127.9.9.9',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '100.64.0.1',
    '100.100.100.200',
    '169.254.169.254',
    '168.63.129.16',
    '224.0.0.1',
    '255.255.255.255',
    '192.0.2.1',
    '::',
    '::1',
    'fe80::1',
    'fc00::1',
    'fd00:ec2::254',
    '::ffff:127.0.0.1',
    '::ffff:169.254.169.254',
    '64:ff9b::a9fe:a9fe',
    '2002:7f00:1::',
    'ff02::1',
    'not an address',
    '',
  ])('%s is not', (address) => {
    expect(mayCall(address)).toBe(false);
  });

  it('include ranges that the operator allowed, of either family, and nothing beside them', () => {
    const check = createAddressCheck(['10.0.0.0/8', '::1/128']);
    expect(['10.9.9.9', '::ffff:10.0.0.1', '::1', '127.0.0.1', '192.168.0.1', '::2'].map(check)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it('are seen where a URL names them without a lookup', () => {
    const names = ['http://[::1]:80/', 'http://2130706433/', 'http://0x7f.1/', 'http://example.com/'];
    expect(names.map((url) => literalAddress(new URL(url).hostname))).toEqual(['::1', '127.0.0.1', '127.0.0.1', null]);
  });
});

describe('a guarded lookup', () => {
  const resolve =
    (addresses: LookupAddress[]) =>
    (_name: string, _options: object, done: (error: null, found: LookupAddress[]) => void) =>
      done(null, addresses);
  const lookup = (addresses: LookupAddress[], all: boolean): Promise<unknown> =>
    new Promise((settle) => {
      const guarded = createGuardedLookup(createAddressCheck([]), resolve(addresses) as never);
      guarded('name.example', { all }, ((error: Error | null, ...found: unknown[]) => settle(error ?? found)) as never);
    });
  const good = { address: '1.1.1.1', family: 4 };
  const bad = { address: '10.0.0.1', family: 4 };

  it('gives only addresses that were checked, so a name cannot point elsewhere at the second look', async () => {
    expect(await lookup([bad, good], true)).toEqual([[good]]);
    expect(await lookup([bad, good], false)).toEqual(['1.1.1.1', 4]);
  });

  it('refuses a name that leads nowhere else', async () => {
    expect(await lookup([bad], true)).toMatchObject({ code: 'SLUICE_ADDRESS_REFUSED' });
  });
});
