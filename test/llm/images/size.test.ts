import * as fc from 'fast-check';
import { nearestRatio, readSize } from '@sluice/llm/images/size';

describe('sizes of pictures', () => {
  it.each([
    ['1024x1024', '1024x1024', '1:1'],
    ['1280x720', '1280x720', '16:9'],
    ['720x1280', '720x1280', '9:16'],
    ['1792x1024', '1792x1024', '3:2'],
    ['1024×1792', '1024x1792', '2:3'],
    [' 800X600 ', '800x600', '4:3'],
    ['16:9', '1536x1024', '16:9'],
    ['2:3', '1024x1536', '2:3'],
    ['1:1', '1024x1024', '1:1'],
    ['21:9', '1536x1024', '21:9'],
    ['huge', '1024x1536', '2:3'],
  ])('%s is %s and %s', (text, pixels, ratio) => {
    expect(readSize(text)).toEqual({ pixels, ratio });
  });

  it.each(['auto', '', ' AUTO '])('%j leaves it to the upstream', (text) => {
    expect(readSize(text)).toBeNull();
  });

  it('whatever is written, something usable comes of it', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const size = readSize(text);
        if (size === null) return;
        expect(size.pixels).toMatch(/^\d+x\d+$/);
        expect(size.ratio).toMatch(/^\d+:\d+$/);
      }),
    );
  });

  it('an unknown ratio goes to the nearest, a known one stays', () => {
    expect(nearestRatio('3:2', ['1:1', '3:2'])).toBe('3:2');
    expect(nearestRatio('21:9', ['1:1', '16:9', '9:16'])).toBe('16:9');
    expect(nearestRatio('1:3', ['1:1', '16:9', '9:16'])).toBe('9:16');
  });
});
