import { GatewayError } from '@sluice/kit/errors/gateway-error';

/** What somebody pasted after signing in. */
export interface Pasted {
  code: string;
  state: string;
}

/**
 * The address that the browser was sent to, whole or only its query, or the code alone with the state beside it; some
 * servers show both as `code#state`.
 * @throws GatewayError `invalid_field` that says what is missing; `sign_in_refused` with the server's own word
 */
export function readPasted(given: { text: string; state: string | null; param: string }): Pasted {
  const text = given.text.trim();
  const { param } = given;
  const members = membersOf(text);
  const error = members.get('error');
  if (error !== null) {
    const words = members.get('error_description');
    const told = [error, words].filter((part) => part !== null).join(': ');
    throw new GatewayError('sign_in_refused', { message: `The authorization server refused: ${told.slice(0, 300)}` });
  }
  const code = members.get('code');
  const state = members.get('state') ?? given.state;
  if (code === null || code === '') {
    throw new GatewayError('invalid_field', {
      message: `There is no code in ${param}. Paste the whole address that the browser was sent to.`,
      param,
    });
  }
  if (state === null || state === '') {
    throw new GatewayError('invalid_field', {
      message: `There is no state in ${param}. Paste the whole address that the browser was sent to.`,
      param,
    });
  }
  return { code, state };
}

const BARE_CODE = /^([^\s?&=#]+)(?:#([\w-]+))?$/;

function membersOf(text: string): URLSearchParams {
  if (URL.canParse(text)) {
    const { search, hash } = new URL(text);
    const members = new URLSearchParams(search);
    for (const [name, value] of new URLSearchParams(hash.slice(1))) if (!members.has(name)) members.set(name, value);
    return members;
  }
  const [, code, state] = BARE_CODE.exec(text) ?? [];
  if (code !== undefined) return new URLSearchParams({ code, ...(state === undefined ? {} : { state }) });
  return new URLSearchParams(text.slice(text.indexOf('?') + 1).split('#')[0]);
}
