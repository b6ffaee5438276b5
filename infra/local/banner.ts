import { relative } from 'node:path';

export interface BannerFacts {
  readonly url: string;
  readonly sandboxUrl: string;
  readonly admin: { readonly username: string; readonly password: string };
  readonly apiKey: string;
  readonly dataDirectory: string;
  readonly imported: string | undefined;
  readonly color: boolean;
}

/** What the person at the terminal needs to go on. */
export function formatBanner(facts: BannerFacts): string {
  const paint = (code: number, text: string): string => (facts.color ? `\u001B[${code}m${text}\u001B[0m` : text);
  const row = (label: string, value: string, note = ''): string =>
    `  ${paint(2, label.padEnd(10))}${value}${note === '' ? '' : `  ${paint(2, note)}`}`;
  const body = '{"model":"sandbox-chat","stream":true,"messages":[{"role":"user","content":"Hello"}]}';
  const data = relative(process.cwd(), facts.dataDirectory) || '.';
  return [
    '',
    `  ${paint(1, 'Sluice is running.')} Ctrl-C stops it.`,
    '',
    row('Console', facts.url),
    row('Login', `${facts.admin.username} / ${facts.admin.password}`),
    row('Base URL', `${facts.url}/v1`, 'for OpenAI SDKs'),
    row('Demo key', facts.apiKey),
    row('Sandbox', `${facts.sandboxUrl}/v1`, 'an upstream that needs no provider key'),
    '',
    `  ${paint(2, 'Try it:')}`,
    `  curl -N ${facts.url}/v1/chat/completions \\`,
    `    -H 'authorization: Bearer ${facts.apiKey}' -H 'content-type: application/json' \\`,
    `    -d '${body}'`,
    '',
    facts.imported === undefined
      ? `  Next: add an upstream of your own in the console, or with npm start -- --import FILE.`
      : `  Imported ${facts.imported}.`,
    `  ${paint(2, `Data is in ${data}/ (--reset begins anew), logs in ${data}/logs/, mails in ${data}/outbox/.`)}`,
    '',
    '',
  ].join('\n');
}
