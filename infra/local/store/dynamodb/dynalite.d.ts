/** dynalite 4.0.0 ships no types; `dynalite-modules.ts` gives its inner modules theirs. */
declare module 'dynalite/*' {
  const contents: unknown;
  export default contents;
}
