import type { ImportReport } from './api/import-document.ts';

type Effect = 'created' | 'updated' | 'unchanged';

/** One entry of a document, and what becomes of it. */
interface ReportEntry {
  /** `credentials` of `credentials/openai/team-a`. */
  section: string;
  name: string;
  effect: Effect;
}

const EFFECTS: readonly Effect[] = ['created', 'updated', 'unchanged'];

/** The report by entry, what changes first; within that in the document's own order. */
export function entriesOf(report: ImportReport): ReportEntry[] {
  return EFFECTS.flatMap((effect) =>
    report[effect].map((what) => {
      const [section = '', ...name] = what.split('/');
      return { section, name: name.join('/'), effect };
    }),
  );
}
