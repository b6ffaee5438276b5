import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** What the operating system says of processes (proc(5)), so that every gateway is asked in the same way. */

export interface Used {
  /** User and system time, microseconds; the system counts in steps of 10 ms. */
  cpuMicros: number;
  residentBytes: number;
}

interface Entry {
  pid: number;
  parent: number;
  ticks: number;
}

let ticksPerSecond: number | null = null;

function readTicksPerSecond(): number {
  ticksPerSecond ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  return ticksPerSecond;
}

/** A process that has ended meanwhile is none. */
function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/** The name in the second field may hold blanks and brackets, so fields are counted from behind it. */
function readEntry(pid: number): Entry | null {
  const text = readOrNull(`/proc/${pid}/stat`);
  if (text === null) return null;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  // utime, stime, and the same of children that have ended.
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return { pid, parent: Number(fields[1]), ticks };
}

function withChildren(pid: number): Entry[] {
  const entries = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readEntry(Number(name)))
    .filter((entry) => entry !== null);
  const found = entries.filter((entry) => entry.pid === pid);
  for (let index = 0; index < found.length; index += 1) {
    found.push(...entries.filter((entry) => entry.parent === found[index]?.pid));
  }
  return found;
}

function residentBytesOf(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readOrNull(`/proc/${pid}/status`) ?? '')?.[1];
  return Number(kilobytes ?? 0) * 1024;
}

/** What a process and its children have used since their start. @throws where there is no such process, or no /proc */
export function readUsed(pid: number): Used {
  const processes = withChildren(pid);
  if (processes.length === 0) throw new Error(`There is no process ${pid} in /proc (the bench needs Linux).`);
  const ticks = processes.reduce((sum, entry) => sum + entry.ticks, 0);
  return {
    cpuMicros: (ticks / readTicksPerSecond()) * 1e6,
    residentBytes: processes.reduce((sum, entry) => sum + residentBytesOf(entry.pid), 0),
  };
}
