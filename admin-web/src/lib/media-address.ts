const INLINE_IMAGE = /^data:image\/(?:png|jpeg|webp|gif|avif);base64,[A-Za-z0-9+/=]+$/;
const FILM = /\.(?:mp4|webm|mov)$/;

/**
 * What may be shown in a page: pictures that came along, and media that this gateway keeps, by their path, so that the
 * page asks nobody else for anything that a model wrote. Null: a link at most.
 */
export function shownMedia(address: string): { kind: 'image' | 'video'; src: string } | null {
  if (INLINE_IMAGE.test(address)) return { kind: 'image', src: address };
  const path = keptPath(address);
  return path === null ? null : { kind: FILM.test(path) ? 'video' : 'image', src: path };
}

/** Path of a medium of ours: `/images/<expiry>/<name>.<type>`. */
function keptPath(address: string): string | null {
  if (!URL.canParse(address, 'https://gateway.invalid')) return null;
  const { pathname, protocol } = new URL(address, 'https://gateway.invalid');
  const isWeb = protocol === 'https:' || protocol === 'http:';
  return isWeb && /^\/images\/[\w./-]+$/.test(pathname) && !pathname.includes('..') ? pathname : null;
}

const PLAYER = /<video\s[^>]*?src="([^"<>\s]+)"[^>]*><\/video>/g;

/** Films may come as a player in HTML, which is not run here: as a link they are shown by the page's own player. */
export function withoutPlayers(markdown: string): string {
  return markdown.replaceAll(PLAYER, (_player, src: string) => `[video](${src})`);
}
