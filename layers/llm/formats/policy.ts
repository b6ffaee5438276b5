import type { NeutralRequest } from '../neutral/request.ts';
import type { Warn, WarningCode } from '../neutral/warning.ts';
import { invalidField } from './reading.ts';

/**
 * What becomes of a member that only the client's own format knows, when the upstream speaks another one:
 *
 * - `vendor-only`: it steers that vendor's machinery and nothing of the answer; left out with that warning,
 * - `refused`: without it the answer would be to another question, so the call is refused by its name,
 * - any other is left out with the warning `dropped`.
 */
type Fate = Extract<WarningCode, 'vendor-only'> | 'refused';

const FATES: Readonly<Record<string, Readonly<Record<string, Fate>>>> = {
  'openai-chat': {
    cache_control: 'vendor-only',
    prediction: 'vendor-only',
    prompt_cache_options: 'vendor-only',
    prompt_cache_retention: 'vendor-only',
    store: 'vendor-only',
  },
  'openai-responses': {
    access_programs: 'vendor-only',
    client_metadata: 'vendor-only',
    context_management: 'vendor-only',
    conversation: 'refused',
    include: 'vendor-only',
    previous_response_id: 'refused',
    prompt: 'refused',
    prompt_cache_options: 'vendor-only',
    prompt_cache_retention: 'vendor-only',
    store: 'vendor-only',
    stream_options: 'vendor-only',
    truncation: 'vendor-only',
  },
  'openai-completions': { echo: 'refused', suffix: 'refused' },
  'anthropic-messages': {
    cache_control: 'vendor-only',
    container: 'vendor-only',
    context_management: 'vendor-only',
    diagnostics: 'vendor-only',
    inference_geo: 'vendor-only',
  },
  gemini: { cachedContent: 'refused', store: 'vendor-only' },
};

/** For a call in another format than the client's. @throws GatewayError `invalid_field` naming the member */
export function leaveOutExtras({ format, members }: NeutralRequest['extras'], warn: Warn): void {
  const fates = FATES[format] ?? {};
  for (const name of Object.keys(members)) {
    const fate = Object.hasOwn(fates, name) ? fates[name] : 'dropped';
    if (fate === 'refused') {
      throw invalidField(name, `'${name}' means nothing to this model’s upstream, and the answer depends on it.`);
    }
    warn(fate ?? 'dropped', name);
  }
}
