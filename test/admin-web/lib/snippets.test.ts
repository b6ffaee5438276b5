import { execFileSync } from 'node:child_process';
import { curlSnippet, nodeSnippet, pythonSnippet } from '../../../admin-web/src/lib/snippets.ts';

const values = { origin: 'https://llm.example.com', apiKey: 'sk-sluice1-abc', model: 'meta/"odd\' name' };

/** What a POSIX shell hands to curl when the snippet is pasted. */
function argumentsOf(snippet: string): string[] {
  const script = `curl() { for argument in "$@"; do printf '%s\\0' "$argument"; done; }\n${snippet}`;
  return execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
}

describe('the snippets of the quick start', () => {
  it('curl sends a well-formed streaming request, whatever the name of the model', () => {
    const sent = argumentsOf(curlSnippet(values));
    expect(sent).toContain('https://llm.example.com/v1/chat/completions');
    expect(sent).toContain('authorization: Bearer sk-sluice1-abc');
    expect(JSON.parse(sent.at(-1) ?? '')).toEqual({
      model: values.model,
      messages: [{ role: 'user', content: 'Hello!' }],
      stream: true,
    });
  });

  it.each([
    ['Node.js', nodeSnippet(values)],
    ['Python', pythonSnippet(values)],
  ])('%s names the address with /v1, the key, and the model as a quoted string', (_name, snippet) => {
    expect(snippet).toContain('https://llm.example.com/v1');
    expect(snippet).toContain('sk-sluice1-abc');
    expect(snippet).toContain(JSON.stringify(values.model));
  });
});
