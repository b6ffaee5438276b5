/** One line of the result: the same thing seen without a gateway, through the bare pass-through and through the relay. */
export interface Row {
  name: string;
  unit: string;
  direct: number | null;
  bare: number | null;
  relay: number;
  /** What is held against the target: a ratio, a difference or the figure itself. */
  result: number;
  resultMeans: string;
  /** The result is to stay at or below this; null where architecture.md §12 sets none. */
  target: number | null;
}

export interface BenchReport {
  startedAt: string;
  node: string;
  machine: string;
  rounds: number;
  rows: Row[];
  /** Medians of the relay's `server-timing` with one connection, milliseconds. */
  serverTiming: Record<string, number>;
  notes: string[];
}

function show(value: number | null): string {
  if (value === null) return '';
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(2);
}

export function renderMarkdown(report: BenchReport): string {
  const lines = [
    `Node ${report.node}, ${report.machine}, ${report.rounds} rounds, medians, ${report.startedAt}`,
    '',
    '| what | unit | upstream alone | bare | relay | result | target | |',
    '|---|---|--:|--:|--:|--:|--:|---|',
  ];
  for (const row of report.rows) {
    const cells = [row.name, row.unit, show(row.direct), show(row.bare), show(row.relay)];
    const result = `${show(row.result)} ${row.resultMeans}`;
    const verdict = row.target === null ? '' : row.result <= row.target ? 'met' : 'missed';
    lines.push(`| ${[...cells, result, row.target === null ? '' : `≤ ${row.target}`, verdict].join(' | ')} |`);
  }
  const timing = Object.entries(report.serverTiming).map(([name, ms]) => `${name} ${ms.toFixed(2)} ms`);
  lines.push('', `server-timing with one connection: ${timing.join(', ') || 'none'}`);
  for (const note of report.notes) lines.push('', note);
  return lines.join('\n');
}
