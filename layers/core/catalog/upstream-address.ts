import ipaddr from 'ipaddr.js';
import { createAddressCheck, literalAddress } from '@sluice/kit/http/guarded-address';

type AddressVerdict = { ok: true; url: string; warning: string | null } | { ok: false; message: string };

interface AddressInput {
  url: string;
  /** CIDR ranges from the settings. */
  allowedNetworks: readonly string[];
}

/**
 * Whether an operator may point an upstream here: public HTTPS, or an address inside an allowed network. Names are not
 * resolved at this time; the relay checks the address it really connects to.
 * @returns the URL without its trailing slash, or the sentence that says what is wrong
 */
export function checkUpstreamAddress(input: AddressInput): AddressVerdict {
  const parsed = parseWebAddress(input.url);
  if ('message' in parsed) return { ok: false, message: parsed.message };
  const { url } = parsed;
  if (url.search !== '' || url.hash !== '') return refuse('must have no query and no fragment');
  const place = placeOf(url.hostname, input.allowedNetworks);
  if (place === 'refused') return refuse(OUTSIDE);
  const written = `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
  if (url.protocol === 'https:' || place === 'allowed') return { ok: true, url: written, warning: null };
  if (place === 'public' || input.allowedNetworks.length === 0) {
    return refuse('must begin with https:// unless it points into settings.allowedUpstreamNetworks');
  }
  return {
    ok: true,
    url: written,
    warning: `${written} is plain HTTP: its name has to resolve into settings.allowedUpstreamNetworks`,
  };
}

type ProxyVerdict =
  | {
      ok: true;
      /** Without user name and password. */
      url: string;
      /** `user:password`, each percent-encoded; null where there is none. */
      auth: string | null;
    }
  | { ok: false; message: string };

const PROXY_SCHEMES = ['http:', 'https:', 'socks5:'];

/** An egress proxy: `http` is usual there, since TLS runs through it. */
export function checkProxyAddress(input: AddressInput): ProxyVerdict {
  const url = URL.canParse(input.url) ? new URL(input.url) : null;
  if (!url || !PROXY_SCHEMES.includes(url.protocol) || url.hostname === '') {
    return {
      ok: false,
      message: 'Expected a proxy such as http://user:password@proxy.example.com:8080, https:// or socks5://',
    };
  }
  if (!['', '/'].includes(url.pathname) || url.search !== '' || url.hash !== '')
    return refuse('must be scheme, host and port only');
  if (placeOf(url.hostname, input.allowedNetworks) === 'refused') return refuse(OUTSIDE);
  const auth = url.username === '' ? null : `${url.username}:${url.password}`;
  return { ok: true, url: `${url.protocol}//${url.host}`, auth };
}

const OUTSIDE = 'points outside the public Internet and not into settings.allowedUpstreamNetworks';

function refuse(message: string): { ok: false; message: string } {
  return { ok: false, message: `The address ${message}` };
}

function parseWebAddress(text: string): { url: URL } | { message: string } {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    return { message: 'Expected an address such as https://api.example.com/v1' };
  }
  if (url.username !== '' || url.password !== '') {
    return { message: 'The address must not carry a user name or password' };
  }
  return { url };
}

type Place = 'public' | 'allowed' | 'refused' | 'named';

const isPublic = createAddressCheck([]);

function placeOf(hostname: string, allowedNetworks: readonly string[]): Place {
  const host = hostname.replace(/\.$/, '');
  if (host === 'localhost' || host.endsWith('.localhost')) {
    return isInside('127.0.0.1', allowedNetworks) || isInside('::1', allowedNetworks) ? 'allowed' : 'refused';
  }
  const address = literalAddress(host);
  if (address === null) return 'named';
  if (isInside(address, allowedNetworks)) return 'allowed';
  return isPublic(address) ? 'public' : 'refused';
}

function isInside(address: string, networks: readonly string[]): boolean {
  const parsed = ipaddr.process(address);
  return networks.some((network) => {
    if (!ipaddr.isValidCIDR(network)) return false;
    const [range, bits] = ipaddr.parseCIDR(network);
    return parsed.kind() === range.kind() && parsed.match(range, bits);
  });
}
