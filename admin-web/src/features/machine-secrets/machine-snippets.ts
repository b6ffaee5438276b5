/** What machines call, as it is pasted into a terminal. The prefix is the one that deployments come with. */
const PREFIX = '/public-api';

const SECRET_PLACEHOLDER = '$SECRET';

/** Tokens as they are stored; nobody is asked. */
export function tokenSnippet(origin: string, secret: string = SECRET_PLACEHOLDER): string {
  return snippet({ origin, secret, way: 'get-at', asked: '{"biz_id": "team-a"}' });
}

/** Tokens after one refresh, now. */
export function refreshSnippet(origin: string, secret: string = SECRET_PLACEHOLDER): string {
  return snippet({ origin, secret, way: 'refresh', asked: '{"email": "a@example.com"}' });
}

function snippet(call: { origin: string; secret: string; way: string; asked: string }): string {
  return [
    `curl ${call.origin}${PREFIX}/${call.way} \\`,
    // Double quotes, so that a shell puts the variable in.
    `  -H "x-api-secret: ${call.secret}" \\`,
    `  -H 'content-type: application/json' \\`,
    `  -d '${call.asked}'`,
  ].join('\n');
}
