import type { IncomingHttpHeaders } from 'node:http';

/**
 * Which headers cross the relay. Both lists name what passes; everything else stays behind: hop-by-hop headers
 * (RFC 9110 §7.6.1) and those that `connection` names, credentials, cookies, addresses, and whatever tells one client
 * of a shared credential from another.
 */

/** By client format, for upstreams that speak it too: what changes the meaning of a call. */
const VENDOR_HEADERS: Readonly<Record<string, readonly string[]>> = {
  'openai-chat': ['openai-beta'],
  'openai-responses': ['openai-beta'],
  'openai-images': ['openai-beta'],
  'anthropic-messages': ['anthropic-version', 'anthropic-beta'],
};

/** Some servers turn away whoever does not name himself; the client's own name is none of theirs. */
const OWN_NAME = 'sluice';
/** What may stand in a header's value (RFC 9110 §5.5), in a length that one has. */
const FIT_VALUE = /^[\t\x20-\x7e\x80-\xff]{1,4096}$/;

/**
 * The headers of a call to an upstream, less those of the credential.
 * @param format the client's, where the upstream speaks it too; null where the call is converted
 */
export function headersForUpstream(
  headers: Readonly<Record<string, string>>,
  format: string | null,
): Record<string, string> {
  const passed: Record<string, string> = { 'content-type': 'application/json', 'user-agent': OWN_NAME };
  if (format === null) return passed;
  const named = namedByConnection(headers);
  for (const name of ['accept', ...(VENDOR_HEADERS[format] ?? [])]) {
    const value = headers[name];
    if (value !== undefined && FIT_VALUE.test(value) && !named.includes(name)) passed[name] = value;
  }
  return passed;
}

function namedByConnection({ connection }: Readonly<Record<string, string>>): readonly string[] {
  if (connection === undefined || connection === 'keep-alive') return NOTHING;
  return connection.toLowerCase().split(/\s*,\s*/);
}

const NOTHING: readonly string[] = [];

/** Headers of an upstream that mean something to the client; all others are about us and our credential. */
const ANSWER_HEADERS = [
  'content-type',
  'retry-after',
  'retry-after-ms',
  'x-should-retry',
  'openai-processing-ms',
  'openai-version',
];

export function headersForClient(headers: IncomingHttpHeaders): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const name of ANSWER_HEADERS) {
    const value = headers[name];
    if (typeof value === 'string') passed[name] = value;
  }
  return passed;
}

/** Organisations, projects, users, accounts, requests and keys, as vendors write them into their sentences. */
const IDENTITIES = /\b(?:(org[-_]|proj_|user-|acct_|req_)(?=[A-Za-z_-]*\d)[A-Za-z0-9_-]{8,}|(sk-)[A-Za-z0-9_*-]{8,})/g;

/** An upstream's error body without the names of our accounts in it; the very same bytes when it has none. */
export function withoutIdentities(body: Buffer): Buffer {
  const text = body.toString();
  const kept = text.replace(IDENTITIES, (_all, kind?: string, key?: string) => `${kind ?? key ?? ''}…`);
  return kept === text ? body : Buffer.from(kept);
}
