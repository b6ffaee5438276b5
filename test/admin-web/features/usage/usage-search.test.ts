import { readUsageSearch } from '../../../../admin-web/src/features/usage/usage-search.ts';
import { usedParts } from '../../../../admin-web/src/features/usage/used-parts.ts';

describe('the address of the usage log', () => {
  it('carries filters and the open request', () => {
    const search = { status: 'failed', model: 'gpt-5', request: '01k9xq7m3h2bd004' };
    expect(readUsageSearch(search)).toEqual(search);
  });

  it('ignores what it does not know, so that an old link still opens the page', () => {
    expect(readUsageSearch({ status: 'odd', model: '', page: 3, request: null })).toEqual({});
  });

  it('keeps names that look like numbers', () => {
    expect(readUsageSearch({ model: 4 })).toEqual({ model: '4' });
  });
});

describe('the parts of a request', () => {
  const none = {
    input: 0,
    cache_read: 0,
    cache_write_5m: 0,
    cache_write_1h: 0,
    output: 0,
    reasoning: 0,
    images: 0,
    audio: 0,
    audio_input: 0,
    audio_output: 0,
    image_input: 0,
    image_output: 0,
    video_seconds: 0,
    web_searches: 0,
  };

  it('always show input and output, and the others where there are any', () => {
    expect(usedParts(none).map(({ part }) => part)).toEqual(['input', 'output']);
    expect(usedParts({ ...none, cache_read: 800, images: 2 }).map(({ part }) => part)).toEqual([
      'input',
      'cache_read',
      'output',
      'images',
    ]);
  });
});
