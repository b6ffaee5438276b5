const UPLOAD = /^upload:\/\/[0-9a-f-]{36}$/;
const PATH = /^\/images\/(?:[1-9][0-9]{9}\/[A-Za-z0-9_-]{22,64}|upload-[0-9a-f-]{36})\.[a-z0-9]{2,5}$/;

/**
 * What a client's text refers to, when it refers to a medium of ours: `upload://<id>`, a path of `/images/`, or the
 * whole address of one under this gateway's own origin. Everything else is null: somebody else's address, or data.
 */
export function referenceOf(text: string, origin: string): string | null {
  const path = text.startsWith(`${origin}/`) ? text.slice(origin.length) : text;
  return UPLOAD.test(path) || PATH.test(path) ? path : null;
}
