import { clientSecretAssociatedData, credentialAssociatedData, verifierAssociatedData } from '../sealing-port.ts';
import type { Credential, OAuthClient, SealedValue } from '../store.ts';
import { refreshTokenDigest } from '../duplicates.ts';
import { sealGrant, withProxyAuth, type ExchangeDeps } from '../refresh/exchange.ts';
import { codeRequest, readGrantAnswer, withoutSecrets } from '../refresh/grant.ts';
import type { SealedGrant } from '../refresh/tokens.ts';
import { signedInBy, type SignedIn } from './identity.ts';

/** A code, and where its tokens will belong. */
export interface CodeExchange {
  upstream: string;
  stateDigest: string;
  code: string;
  verifier: SealedValue;
  redirectUri: string;
  credential: Pick<Credential, 'id' | 'upstream' | 'clientId' | 'proxyUrl' | 'proxyAuth' | 'proxyMember'>;
}

export type CodeOutcome =
  | { outcome: 'granted'; grant: SealedGrant; tokenDigest: string; signedIn: SignedIn; now: number }
  /** The server said no, or gave nothing that would last. */
  | { outcome: 'refused'; text: string }
  /** Nobody knows, or nobody was reached. The code is as good as used up. */
  | { outcome: 'failed'; text: string };

/** Tokens for a code, sealed to the row that they are for. Never throws. Sent once: a code is good once. */
export async function exchangeCode(deps: ExchangeDeps, client: OAuthClient, asked: CodeExchange): Promise<CodeOutcome> {
  const opened = await openAll(deps, client, asked).catch(() => null);
  if (opened === null) return { outcome: 'failed', text: 'What is needed for the sign-in cannot be opened.' };
  const { credential, code } = asked;
  const secrets = [code, opened.verifier, opened.clientSecret ?? '', opened.proxyAuth ?? ''];
  const named = { ...client, clientId: credential.clientId ?? client.clientId };
  const request = codeRequest(named, { code, ...opened }, asked.redirectUri);
  try {
    const proxyUrl = credential.proxyUrl && withProxyAuth(credential.proxyUrl, opened.proxyAuth);
    const answer = await deps.send({ ...request, proxyUrl });
    const now = deps.clock();
    const read = readGrantAnswer(answer, { now, secrets });
    if (read.kind !== 'granted') {
      const isRefusal = read.kind === 'invalid-grant' || read.kind === 'refused';
      return { outcome: isRefusal ? 'refused' : 'failed', text: read.text };
    }
    if (read.tokens.refreshToken === null) return { outcome: 'refused', text: WITHOUT_REFRESH };
    const row = { upstream: asked.upstream, credentialId: credential.id };
    const grant = await sealGrant(deps.sealer, row, read.tokens);
    const tokenDigest = refreshTokenDigest(read.tokens.refreshToken);
    return { outcome: 'granted', grant, tokenDigest, signedIn: signedInBy(answer), now };
  } catch (error) {
    const { code: word } = error as { code?: unknown };
    const text = withoutSecrets(typeof word === 'string' ? word : String(error), secrets);
    return { outcome: 'failed', text: `The token endpoint gave no answer (${text}).` };
  }
}

const WITHOUT_REFRESH =
  'The authorization server gave no refresh token. The client has to ask for one (scope offline_access, or access_type=offline).';

async function openAll({ opener }: ExchangeDeps, client: OAuthClient, asked: CodeExchange) {
  const { upstream, credential } = asked;
  const [verifier, clientSecret, proxyAuth] = await Promise.all([
    opener.open(asked.verifier, verifierAssociatedData(asked)),
    client.clientSecret && opener.open(client.clientSecret, clientSecretAssociatedData(upstream)),
    credential.proxyAuth ? opener.open(credential.proxyAuth, credentialAssociatedData(credential, 'proxyAuth')) : null,
  ]);
  return { verifier, clientSecret, proxyAuth };
}
