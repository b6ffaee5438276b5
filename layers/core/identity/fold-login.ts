/** Two spellings of one user name or e-mail address are one name. */
export function foldLogin(login: string): string {
  return login.normalize('NFKC').toLowerCase();
}
