import { checkProxyAddress, checkUpstreamAddress } from '../../../layers/core/catalog/upstream-address.ts';

const LOOPBACK = ['127.0.0.0/8', '::1/128'];

describe('the address of an upstream', () => {
  it.each([
    ['https://api.openai.com/v1', [], 'https://api.openai.com/v1'],
    ['https://api.openai.com/v1/', [], 'https://api.openai.com/v1'],
    ['https://API.example.com:8443//', [], 'https://api.example.com:8443'],
    ['https://8.8.8.8/v1', [], 'https://8.8.8.8/v1'],
    ['http://127.0.0.1:9000/v1', LOOPBACK, 'http://127.0.0.1:9000/v1'],
    ['http://localhost:9000', LOOPBACK, 'http://localhost:9000'],
    ['http://[::1]:9000', LOOPBACK, 'http://[::1]:9000'],
    ['http://10.1.2.3', ['10.0.0.0/8'], 'http://10.1.2.3'],
  ])('may be %s where %j is allowed', (url, allowedNetworks, written) => {
    expect(checkUpstreamAddress({ url, allowedNetworks })).toEqual({ ok: true, url: written, warning: null });
  });

  it.each([
    ['http://api.openai.com/v1', []],
    ['http://8.8.8.8', LOOPBACK],
    ['https://127.0.0.1', []],
    ['http://localhost', []],
    ['https://foo.localhost', []],
    ['https://[::1]', []],
    ['https://[::ffff:10.0.0.1]', LOOPBACK],
    ['https://2130706433', []],
    ['https://0x7f.1', []],
    ['https://10.0.0.1', LOOPBACK],
    ['https://169.254.169.254/latest', LOOPBACK],
    ['https://168.63.129.16', []],
    ['https://100.64.0.1', []],
    ['https://[fd00:ec2::254]', []],
    ['https://user@api.openai.com', []],
    ['https://user:pass@api.openai.com', []],
    ['https://api.openai.com/v1?key=x', []],
    ['https://api.openai.com/v1#x', []],
    ['ftp://api.openai.com', []],
    ['file:///etc/passwd', []],
    ['api.openai.com', []],
    ['', []],
  ])('may not be %s where %j is allowed', (url, allowedNetworks) => {
    expect(checkUpstreamAddress({ url, allowedNetworks })).toMatchObject({ ok: false, message: expect.any(String) });
  });

  it('may be plain HTTP to a name only with a warning, where some network is allowed', () => {
    const verdict = checkUpstreamAddress({ url: 'http://ollama:11434/v1', allowedNetworks: ['10.0.0.0/8'] });
    expect(verdict).toMatchObject({ ok: true, warning: expect.stringContaining('plain HTTP') });
  });
});

describe('the address of a proxy', () => {
  it.each(['http://proxy.example:3128', 'https://proxy.example', 'socks5://proxy.example:1080'])('may be %s', (url) => {
    expect(checkProxyAddress({ url, allowedNetworks: [] })).toEqual({ ok: true, url, auth: null });
  });

  it.each(['http', 'https', 'socks5'])('of %s may carry a user name and a password, which are kept apart', (scheme) => {
    const url = `${scheme}://user:p%40ss@proxy.example:3128`;
    const apart = { ok: true, url: `${scheme}://proxy.example:3128`, auth: 'user:p%40ss' };
    expect(checkProxyAddress({ url, allowedNetworks: [] })).toEqual(apart);
  });

  it.each([
    'socks4://proxy.example',
    'http://proxy.example/path',
    'http://u:p@proxy.example/path',
    'http://10.0.0.1:3128',
  ])('may not be %s', (url) => {
    expect(checkProxyAddress({ url, allowedNetworks: [] }).ok).toBe(false);
  });
});
