/** One line of the algorithm, broken on purpose in the source that runs. */
export interface Breakage {
  name: string;
  /** What it does now, in words. */
  what: string;
  /** The source file, from the repository's root. */
  file: string;
  /** Stands there exactly once; where the source was rewritten, the breakage has to follow. */
  line: string;
  instead: string;
  /** The promise that must be seen to break. */
  breaks: string;
  /** Where it shows, with these faults and no others (as in `scriptedFaults`). Unbroken, the same run keeps all promises. */
  scenario: string;
  faults?: readonly string[];
}
