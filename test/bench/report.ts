/** Where load can go, in the order of the table's columns. */
export const PLACES = ['upstream', 'bare', 'portkey', 'relay'] as const;
export type Place = (typeof PLACES)[number];

/** One line of the result: the same thing seen at every place that was measured. */
export interface Row {
  name: string;
  unit: string;
  values: Partial<Record<Place, number>>;
  /** What is held against the target: a ratio, a difference or a figure itself. */
  result: number;
  resultMeans: string;
  /** The result is to stay at or below this (from this on, where `atLeast`); null where architecture.md §12 sets none. */
  target: number | null;
  atLeast?: boolean;
}

export interface Section {
  rows: Row[];
  /** Sentences below the table. */
  notes?: string[];
  /** Whatever else the JSON file keeps. */
  details?: unknown;
}

export interface BenchReport {
  startedAt: string;
  node: string;
  machine: string;
  rounds: number;
  sections: Record<string, Section>;
}

const HEADINGS: Record<Place, string> = {
  upstream: 'upstream alone',
  bare: 'bare',
  portkey: 'Portkey',
  relay: 'relay',
};

function show(value: number | undefined): string {
  if (value === undefined) return '';
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(2);
}

function isMet({ result, target, atLeast = false }: Row): boolean | null {
  if (target === null) return null;
  return atLeast ? result >= target : result <= target;
}

function renderRow(row: Row): string {
  const met = isMet(row);
  const target = row.target === null ? '' : `${row.atLeast === true ? '≥' : '≤'} ${row.target}`;
  const verdict = met === null ? '' : met ? 'met' : '**missed**';
  const result = `${show(row.result)} ${row.resultMeans}`.trim();
  const cells = [row.name, row.unit, ...PLACES.map((place) => show(row.values[place])), result, target, verdict];
  return `| ${cells.join(' | ')} |`;
}

export function renderMarkdown(report: BenchReport): string {
  const sections = Object.values(report.sections);
  return [
    `Node ${report.node}, ${report.machine}, ${report.rounds} rounds, medians, ${report.startedAt}`,
    '',
    `| what | unit | ${PLACES.map((place) => HEADINGS[place]).join(' | ')} | result | target | |`,
    `|---|---|${PLACES.map(() => '--:').join('|')}|--:|--:|---|`,
    ...sections.flatMap(({ rows }) => rows.map(renderRow)),
    ...sections.flatMap(({ notes = [] }) => notes.flatMap((note) => ['', note])),
  ].join('\n');
}

/** The report with the verdict in every row, for whoever reads it by machine. */
export function renderJson(report: BenchReport): string {
  const sections = Object.entries(report.sections).map(([name, section]) => [
    name,
    { ...section, rows: section.rows.map((row) => ({ ...row, met: isMet(row) })) },
  ]);
  return `${JSON.stringify({ ...report, sections: Object.fromEntries(sections) }, null, 2)}\n`;
}
