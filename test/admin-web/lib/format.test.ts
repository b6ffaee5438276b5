import {
  formatAge,
  formatCompact,
  formatDateTime,
  formatDuration,
  formatMicros,
  formatShare,
} from '../../../admin-web/src/lib/format.ts';

describe('money', () => {
  it.each([
    [0, '$0.00'],
    [1, '$0.000001'],
    [5_984, '$0.005984'],
    [1_250_000, '$1.25'],
    [412_773_201, '$412.77'],
  ])('%i micro-dollars read as %s', (micros, text) => {
    expect(formatMicros(micros, 'en-US')).toBe(text);
  });

  it('is in dollars in Chinese too, without the letters US', () => {
    expect(formatMicros(1_250_000, 'zh-CN')).toBe('$1.25');
  });
});

describe('durations', () => {
  it.each([
    [0, '0 ms'],
    [999, '999 ms'],
    [1_000, '1.00 s'],
    [9_994, '9.99 s'],
    [9_999, '10.0 s'],
    [59_999, '1 min 0 s'],
    [125_000, '2 min 5 s'],
    [3_600_000, '1 h 0 min'],
    [90_000_000, '1 d 1 h'],
  ])('%i ms read as %s', (durationMs, text) => {
    expect(formatDuration(durationMs)).toBe(text);
  });
});

describe('counts and shares', () => {
  it('stay exact while they are short, and shrink from ten thousand on', () => {
    expect(formatCompact(9_999, 'en-US')).toBe('9,999');
    expect(formatCompact(128_431, 'en-US')).toBe('128.4K');
    expect(formatCompact(128_431, 'zh-CN')).toBe('12.8万');
  });

  it('say nothing about a share of nothing', () => {
    expect(formatShare(0, 0, 'en-US')).toBeNull();
    expect(formatShare(0, 7, 'en-US')).toBe('0%');
    expect(formatShare(1421, 128_431, 'en-US')).toBe('1.1%');
  });
});

describe('times', () => {
  const now = Date.parse('2026-11-21T12:00:00Z');

  it.each([
    ['2026-11-21T11:59:30Z', '30 seconds ago'],
    ['2026-11-21T11:57:00Z', '3 minutes ago'],
    ['2026-11-20T12:00:00Z', 'yesterday'],
    ['2026-11-21T12:00:00Z', 'now'],
  ])('%s is "%s"', (time, text) => {
    expect(formatAge(time, now, 'en-US')).toBe(text);
  });

  it('stand in the zone that is asked for', () => {
    expect(formatDateTime(now, 'en-US', 'Asia/Shanghai')).toMatch(/Nov 21, 2026.*8:00:00.PM/);
  });
});
