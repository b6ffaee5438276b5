import type { ExchangeOutcome } from '../../../layers/core/credentials/refresh/outcome.ts';
import { sealed } from './sealed.ts';

/** A token endpoint. A family is what one sign-in brought forth: `r` the first one, `x` the operator's later one. */
export interface Server {
  /**
   * `single-use`: a refresh token is good once, and using it again revokes its family (RFC 9700 §4.14.2).
   * `keeping`: it stays as it is. `tolerant`: the one before is good, too, until the new one was used.
   */
  kind: 'single-use' | 'keeping' | 'tolerant';
  families: readonly { name: string; current: number; revoked: boolean }[];
  granted: number;
  /** The first family is over: its tokens are refused. */
  isOver: boolean;
}

export function createServer(kind: Server['kind'], isOver = false): Server {
  return {
    kind,
    families: [
      { name: 'r', current: 1, revoked: false },
      { name: 'x', current: 1, revoked: false },
    ],
    granted: 0,
    isOver,
  };
}

export function exchangeOnServer(server: Server, token: string): { server: Server; answer: ExchangeOutcome } {
  const name = token[0];
  const generation = Number(token.slice(1));
  const index = server.families.findIndex((family) => family.name === name);
  const family = server.families[index]!;
  const refusal: ExchangeOutcome = { kind: 'invalid-grant', text: 'invalid_grant' };
  if (family.revoked || (server.isOver && name === 'r')) return { server, answer: refusal };
  const granted = server.granted + 1;
  if (server.kind === 'keeping')
    return { server: { ...server, granted }, answer: grantOf(null, `a${name}${granted + 1}`) };
  const isGood = generation === family.current || (server.kind === 'tolerant' && generation === family.current - 1);
  if (!isGood)
    return {
      server: { ...server, families: server.families.with(index, { ...family, revoked: true }) },
      answer: refusal,
    };
  const current = family.current + 1;
  return {
    server: { ...server, granted, families: server.families.with(index, { ...family, current }) },
    answer: grantOf(`${name}${current}`, `a${name}${current}`),
  };
}

function grantOf(refresh: string | null, access: string): ExchangeOutcome {
  const refreshToken = refresh === null ? null : sealed(refresh);
  return {
    kind: 'granted',
    text: 'granted',
    grant: { refreshToken, accessToken: sealed(access), accessDigest: access, accessExpiresAt: 2_000_000 },
  };
}
