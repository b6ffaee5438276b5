const BROWSERS: readonly (readonly [name: string, mark: RegExp])[] = [
  // Most name themselves beside those that they are like, so the most particular marks come first.
  ['Edge', /\bEdgA?\/(\d+)/],
  ['Opera', /\bOPR\/(\d+)/],
  ['Firefox', /\b(?:Firefox|FxiOS)\/(\d+)/],
  ['Chrome', /\b(?:HeadlessChrome|Chrome|CriOS)\/(\d+)/],
  ['Safari', /\bVersion\/(\d+)[\d.]* (?:Mobile\/\w+ )?Safari\//],
];

const SYSTEMS: readonly (readonly [name: string, mark: RegExp])[] = [
  ['iPhone', /iPhone/],
  ['iPad', /iPad/],
  ['Android', /Android/],
  ['Windows', /Windows NT/],
  ['macOS', /Mac OS X/],
  ['ChromeOS', /\bCrOS\b/],
  ['Linux', /Linux/],
];

/** `Firefox 140 · Windows` of what a browser says of itself; of anything else its own words. */
export function deviceName(userAgent: string): string {
  const browser = BROWSERS.map(([name, mark]) => ({ name, version: mark.exec(userAgent)?.[1] })).find(
    ({ version }) => version !== undefined,
  );
  if (!browser) return userAgent;
  const system = SYSTEMS.find(([, mark]) => mark.test(userAgent))?.[0];
  return [`${browser.name} ${browser.version}`, ...(system === undefined ? [] : [system])].join(' · ');
}
