// Sets the chosen colour scheme before the first paint, so that a dark console never flashes white.
(() => {
  let choice = null;
  try {
    choice = localStorage.getItem('mantine-color-scheme-value');
  } catch {
    // Storage can be forbidden; the system's choice is used then.
  }
  const dark =
    choice === 'dark' || (choice !== 'light' && globalThis.matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
})();
