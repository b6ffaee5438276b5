/**
 * A clock that can be shifted and goes on ticking: `new Date()` and `Date.now()` answer the machine's time plus an
 * offset. Timers (`setTimeout`, `performance.now`) keep the machine's pace.
 */

interface ClockTarget {
  Date: DateConstructor;
}

export interface ShiftedClock {
  /** Milliseconds added to the machine's time from now on. */
  setOffset(offsetMs: number): void;
  offset(): number;
  /** The machine's own time, epoch milliseconds. */
  machineNow(): number;
}

/** Replaces `Date` in `target` (a global object; a vm context has its own). Install it once per target. */
export function installShiftedClock(target: ClockTarget, initialOffsetMs = 0): ShiftedClock {
  const MachineDate = target.Date;
  const machineNow = MachineDate.now.bind(MachineDate);
  let offsetMs = initialOffsetMs;
  const now = (): number => machineNow() + offsetMs;
  function ShiftedDate(...values: unknown[]): Date | string {
    if (new.target === undefined) return new MachineDate(now()).toString();
    return Reflect.construct(MachineDate, values.length === 0 ? [now()] : values, new.target) as Date;
  }
  Object.defineProperties(ShiftedDate, {
    name: { value: 'Date' },
    length: { value: MachineDate.length },
    prototype: { value: MachineDate.prototype, writable: false },
    now: { value: now, writable: true, configurable: true },
    parse: { value: MachineDate.parse, writable: true, configurable: true },
    UTC: { value: MachineDate.UTC, writable: true, configurable: true },
  });
  Object.defineProperty(MachineDate.prototype, 'constructor', {
    value: ShiftedDate,
    writable: true,
    configurable: true,
  });
  target.Date = ShiftedDate as unknown as DateConstructor;
  return {
    setOffset: (value) => {
      offsetMs = value;
    },
    offset: () => offsetMs,
    machineNow,
  };
}
