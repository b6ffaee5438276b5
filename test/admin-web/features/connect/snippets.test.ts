import { execFileSync } from 'node:child_process';
import { readConnectSearch } from '../../../../admin-web/src/features/connect/connect-search.ts';
import { TOOL_KINDS, TOOLS, toolOf } from '../../../../admin-web/src/features/connect/tools.ts';

const tools = TOOL_KINDS.flatMap((kind) => TOOLS[kind]);
const odd = { origin: 'https://llm.example.com', apiKey: `sk-"odd' $key`, model: `meta/"odd' $name`, stream: true };
const plain = { origin: 'https://llm.example.com', apiKey: 'sk-sluice1-abc', model: 'gpt-5', stream: true };

describe('the snippets', () => {
  it.each(tools.map((tool) => [tool.id, tool] as const))('of %s carry address, key and model', (_id, tool) => {
    const text = tool
      .write(plain)
      .map((snippet) => snippet.text)
      .join('\n');
    expect(text).toContain('https://llm.example.com');
    expect(text).toContain('sk-sluice1-abc');
    expect(text).toContain('gpt-5');
  });

  it.each(tools.filter((tool) => tool.streams).map((tool) => [tool.id, tool] as const))(
    'of %s have a way with a stream and one without',
    (_id, tool) => {
      expect(tool.write({ ...plain, stream: false })).not.toEqual(tool.write(plain));
    },
  );

  it.each(['claude-code', 'codex', 'gemini-cli', 'opencode', 'aider'])(
    'of %s hand a shell the values as they are, whatever characters they have',
    (id) => {
      const terminal =
        toolOf(id)
          ?.write(odd)
          .filter(({ into }) => into === 'terminal') ?? [];
      for (const { text } of terminal) {
        const commands = text.split('\n').filter((line) => line.startsWith('export '));
        const told = execFileSync('sh', ['-c', `${commands.join('\n')}\nenv`], { encoding: 'utf8' });
        expect(told).toContain(`KEY=${odd.apiKey}`);
      }
      expect(terminal.length).toBeGreaterThan(0);
    },
  );

  it('for files of JSON are JSON', () => {
    const files = tools.flatMap((tool) => tool.write(odd)).filter(({ title }) => title.endsWith('.json'));
    for (const { text } of files) expect(() => JSON.parse(text)).not.toThrow();
    expect(files.map(({ title }) => title)).toEqual([
      '~/.claude/settings.json',
      '~/.gemini/settings.json',
      'opencode.json',
    ]);
  });
});

test('the address names a tool that there is, or none', () => {
  expect(readConnectSearch({ tool: 'codex', model: 4, whole: true })).toEqual({
    tool: 'codex',
    model: '4',
    whole: true,
  });
  expect(readConnectSearch({ tool: 'abacus', whole: 'yes' })).toEqual({});
});
