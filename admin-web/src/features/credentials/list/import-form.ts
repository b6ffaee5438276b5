import type { ImportCommon } from '../api/import-credentials.ts';
import { readLines } from './import-lines.ts';

/** What the form of the import has. */
export interface ImportForm {
  upstream: string | null;
  what: 'refreshTokens' | 'secrets';
  text: string;
  tag: string;
  clientId: string;
  /** list: one of the list for each, of OAuth; own: one address for all. */
  proxy: 'list' | 'none' | 'own';
  proxyUrl: string;
}

export const EMPTY_IMPORT: ImportForm = {
  upstream: null,
  what: 'refreshTokens',
  text: '',
  tag: '',
  clientId: '',
  proxy: 'list',
  proxyUrl: '',
};

/** The first fault of each field. */
export function faultsOf(form: ImportForm): { upstream?: 'choose'; text?: 'noLines'; proxyUrl?: 'noProxy' } {
  return {
    ...(form.upstream === null ? { upstream: 'choose' as const } : {}),
    ...(readLines(form.text).lines.length === 0 ? { text: 'noLines' as const } : {}),
    ...(form.proxy === 'own' && !/^(https?|socks5):\/\/\S+$/.test(form.proxyUrl.trim())
      ? { proxyUrl: 'noProxy' as const }
      : {}),
  };
}

/** What is sent beside the lines: what is left to the server's lists is absent. */
export function commonOf(form: ImportForm & { upstream: string }): ImportCommon {
  const { upstream, what, proxy } = form;
  const tag = form.tag.trim();
  const clientId = form.clientId.trim();
  return {
    upstream,
    what,
    ...(tag === '' ? {} : { tag }),
    ...(what === 'secrets' || clientId === '' ? {} : { clientId }),
    ...(proxy === 'list' ? {} : { proxyUrl: proxy === 'none' ? null : form.proxyUrl.trim() }),
  };
}
