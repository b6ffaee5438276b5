import { isLocalPath } from '../../../admin-web/src/app/local-path.ts';

describe('the way back after login', () => {
  it.each(['/', '/keys', '/usage?status=failed'])('may be %s', (address) => {
    expect(isLocalPath(address)).toBe(true);
  });

  it.each(['//evil.example', String.raw`/\evil.example`, 'https://evil.example', 'javascript:alert(1)', '', 7, null])(
    'is never %j, which could lead to another site',
    (address) => {
      expect(isLocalPath(address)).toBe(false);
    },
  );
});
