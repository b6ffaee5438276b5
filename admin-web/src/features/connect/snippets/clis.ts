import { shellWord } from '../../../lib/snippets.ts';
import type { Snippet, Values } from './snippet.ts';

/** `export NAME=value` for each of them, then the command. */
function exports(variables: Record<string, string>, command: string): string {
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}=${shellWord(value)}`);
  return [...lines, command].join('\n');
}

/** Under `/cc` the first event of a stream tells the true count of input tokens, which Claude Code shows. */
export function claudeCode({ origin, apiKey, model }: Values): Snippet[] {
  const env = {
    ANTHROPIC_BASE_URL: `${origin}/cc`,
    ANTHROPIC_API_KEY: apiKey,
    ANTHROPIC_MODEL: model,
    ANTHROPIC_SMALL_FAST_MODEL: model,
  };
  return [
    { title: 'Claude Code', into: 'terminal', text: exports(env, 'claude') },
    { title: '~/.claude/settings.json', into: 'file', text: JSON.stringify({ env }, null, 2) },
  ];
}

export function codex({ origin, apiKey, model }: Values): Snippet[] {
  const config = `model = ${JSON.stringify(model)}
model_provider = "sluice"

[model_providers.sluice]
name = "Sluice"
base_url = ${JSON.stringify(`${origin}/v1`)}
env_key = "SLUICE_KEY"
wire_api = "responses"`;
  return [
    { title: '~/.codex/config.toml', into: 'file', text: config },
    { title: 'Codex', into: 'terminal', text: exports({ SLUICE_KEY: apiKey }, 'codex') },
  ];
}

export function geminiCli({ origin, apiKey, model }: Values): Snippet[] {
  const env = { GOOGLE_GEMINI_BASE_URL: origin, GEMINI_API_KEY: apiKey };
  const settings = { security: { auth: { selectedType: 'gemini-api-key' } } };
  return [
    { title: '~/.gemini/settings.json', into: 'file', text: JSON.stringify(settings, null, 2) },
    { title: 'Gemini CLI', into: 'terminal', text: exports(env, `gemini -m ${shellWord(model)}`) },
  ];
}

/** As https://opencode.ai/docs/providers has it for a provider of one's own. */
export function opencode({ origin, apiKey, model }: Values): Snippet[] {
  const config = {
    $schema: 'https://opencode.ai/config.json',
    model: `sluice/${model}`,
    provider: {
      sluice: {
        npm: '@ai-sdk/openai-compatible',
        name: 'Sluice',
        options: { baseURL: `${origin}/v1`, apiKey: '{env:SLUICE_KEY}' },
        models: { [model]: { name: model } },
      },
    },
  };
  return [
    { title: 'opencode.json', into: 'file', text: JSON.stringify(config, null, 2) },
    { title: 'opencode', into: 'terminal', text: exports({ SLUICE_KEY: apiKey }, 'opencode') },
  ];
}

/** As https://aider.chat/docs/llms/openai-compat.html has it. */
export function aider({ origin, apiKey, model }: Values): Snippet[] {
  const env = { OPENAI_API_BASE: `${origin}/v1`, OPENAI_API_KEY: apiKey };
  return [{ title: 'aider', into: 'terminal', text: exports(env, `aider --model ${shellWord(`openai/${model}`)}`) }];
}

/** As https://docs.continue.dev/customize/model-providers/top-level/openai has it. */
export function continueDev({ origin, apiKey, model }: Values): Snippet[] {
  const config = `name: Sluice
version: 1.0.0
schema: v1
models:
  - name: ${JSON.stringify(model)}
    provider: openai
    model: ${JSON.stringify(model)}
    apiBase: ${JSON.stringify(`${origin}/v1`)}
    apiKey: ${JSON.stringify(apiKey)}
    roles: [chat, edit, apply]`;
  return [{ title: '~/.continue/config.yaml', into: 'file', text: config }];
}

/** As https://docs.cline.bot/provider-config/openai-compatible has it. */
export function cline({ origin, apiKey, model }: Values): Snippet[] {
  return [
    { title: 'API Provider', into: 'fields', text: 'OpenAI Compatible' },
    { title: 'Base URL', into: 'fields', text: `${origin}/v1` },
    { title: 'API Key', into: 'fields', text: apiKey },
    { title: 'Model ID', into: 'fields', text: model },
  ];
}

/** Names that many programs read. */
export function anyProgram({ origin, apiKey, model }: Values): Snippet[] {
  const openai = { OPENAI_BASE_URL: `${origin}/v1`, OPENAI_API_KEY: apiKey };
  const anthropic = { ANTHROPIC_BASE_URL: origin, ANTHROPIC_API_KEY: apiKey };
  const google = { GOOGLE_GEMINI_BASE_URL: origin, GEMINI_API_KEY: apiKey };
  const lines = (variables: Record<string, string>): string =>
    Object.entries(variables)
      .map(([name, value]) => `export ${name}=${shellWord(value)}`)
      .join('\n');
  return [
    { title: 'OpenAI', into: 'terminal', text: lines(openai) },
    { title: 'Anthropic', into: 'terminal', text: lines(anthropic) },
    { title: 'Google', into: 'terminal', text: lines(google) },
    { title: 'Model', into: 'fields', text: model },
  ];
}
