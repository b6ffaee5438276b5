import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { opencode } from '../../../admin-web/src/features/connect/snippets/clis.ts';
import { installOnDemand } from '../../support/on-demand-package.ts';
import { removeDirectory, sharedStack, temporaryDirectory } from '../../support/stack.ts';
import { UPSTREAM_MODELS } from '../../support/upstream-formats.ts';

/**
 * The coding CLIs from npm, driven without a terminal: each asks the sandbox, over every language that upstreams speak,
 * to call one of its own tools, runs it and sends its result back. They are installed at the first run.
 */
const ready = sharedStack();
const RUN_MS = 120_000;
const CONTENT = 'the quick brown fox 7316';

let home: string;
let project: string;

beforeAll(() => {
  home = temporaryDirectory('cli-home');
  project = join(home, 'project');
  mkdirSync(project);
  writeFileSync(join(project, 'notes.txt'), `${CONTENT}\n`);
  mkdirSync(join(home, '.gemini'));
  const settings = {
    security: { auth: { selectedType: 'gemini-api-key' } },
    privacy: { usageStatisticsEnabled: false },
  };
  writeFileSync(join(home, '.gemini', 'settings.json'), JSON.stringify(settings));
});
afterAll(() => removeDirectory(home));

/** Runs a CLI to its end, with `input` where it reads some, and gives back all that it said. */
async function run(program: readonly string[], env: Record<string, string>, input = ''): Promise<string> {
  const [command = '', ...args] = program;
  const child = spawn(command, args, {
    cwd: project,
    env: { PATH: process.env['PATH'] ?? '', HOME: home, ...env },
    stdio: 'pipe',
  });
  child.stdin.end(input);
  const timer = setTimeout(() => child.kill('SIGKILL'), RUN_MS);
  const [said, complaints] = await Promise.all([text(child.stdout), text(child.stderr)]);
  clearTimeout(timer);
  return `${said}\n${complaints}`;
}

describe.each(UPSTREAM_MODELS)('over an upstream that speaks %s', (_format, model) => {
  test.each(['/cc', ''])(
    'Claude Code completes a turn with a tool call under "%s"',
    async (prefix) => {
      const installed = installOnDemand({ name: '@anthropic-ai/claude-code', version: '2.1.329', scripts: true });
      const ask = `Please Read({"file_path":"${join(project, 'notes.txt')}"})`;
      const said = await run(
        [join(installed, 'bin/claude.exe'), '-p', ask, '--output-format', 'json', '--allowedTools', 'Read'],
        {
          ANTHROPIC_BASE_URL: `${ready.url}${prefix}`,
          ANTHROPIC_API_KEY: ready.apiKey,
          ANTHROPIC_MODEL: model,
          ANTHROPIC_SMALL_FAST_MODEL: model,
          CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
          IS_SANDBOX: '1',
        },
      );
      expect(said).toContain('"is_error":false');
      expect(said).toContain(CONTENT);
    },
    2 * RUN_MS,
  );

  test(
    'Codex completes a turn with a tool call',
    async () => {
      const installed = installOnDemand({ name: '@openai/codex', version: '0.169.0' });
      const provider = {
        name: '"sluice"',
        base_url: `"${ready.url}/v1"`,
        env_key: '"SLUICE_KEY"',
        wire_api: '"responses"',
      };
      const settings = Object.entries(provider).flatMap(([name, value]) => [
        '-c',
        `model_providers.sluice.${name}=${value}`,
      ]);
      const ask = `Please call exec_command({"cmd":"cat notes.txt"}) now.`;
      const said = await run(
        [
          process.execPath,
          join(installed, 'bin/codex.js'),
          'exec',
          '--skip-git-repo-check',
          '--dangerously-bypass-approvals-and-sandbox',
          '-m',
          model,
          '-c',
          'model_provider="sluice"',
          ...settings,
          ask,
        ],
        { SLUICE_KEY: ready.apiKey },
      );
      expect(said).toContain('The tools answered');
      expect(said).toContain(CONTENT);
    },
    2 * RUN_MS,
  );

  test(
    'Gemini CLI completes a turn with a tool call',
    async () => {
      const installed = installOnDemand({ name: '@google/gemini-cli', version: '0.61.0' });
      const ask = `Please read_file({"file_path":"notes.txt","absolute_path":"${join(project, 'notes.txt')}"})`;
      const said = await run(
        [process.execPath, join(installed, 'bundle/gemini.js'), '-m', model, '--yolo', '-p', ask],
        {
          GEMINI_API_KEY: ready.apiKey,
          GOOGLE_GEMINI_BASE_URL: ready.url,
          GEMINI_CLI_TRUST_WORKSPACE: 'true',
        },
      );
      expect(said).toContain('The tools answered');
      expect(said).toContain(CONTENT);
    },
    2 * RUN_MS,
  );

  test(
    'opencode, set up as the console says, completes a turn with a tool call',
    async () => {
      const installed = installOnDemand({ name: 'opencode-ai', version: '1.18.33', scripts: true });
      const [config] = opencode({ origin: ready.url, apiKey: ready.apiKey, model, stream: true });
      writeFileSync(join(project, 'opencode.json'), config?.text ?? '');
      const said = await run(
        [join(installed, 'bin/opencode.exe'), 'run', '--format', 'json'],
        { SLUICE_KEY: ready.apiKey },
        `Please read({"filePath":"${join(project, 'notes.txt')}"})\n`,
      );
      expect(said).toContain('The tools answered');
      expect(said).toContain(CONTENT);
    },
    2 * RUN_MS,
  );
});
