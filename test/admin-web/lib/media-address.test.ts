import { describe, expect, test } from '@jest/globals';
import { shownMedia, withoutPlayers } from '../../../admin-web/src/lib/media-address.ts';

describe('what is shown of what a model wrote', () => {
  test.each([
    ['https://gateway.example.com/images/1795/abc_D-1.png', { kind: 'image', src: '/images/1795/abc_D-1.png' }],
    ['/images/upload-1.webp', { kind: 'image', src: '/images/upload-1.webp' }],
    ['https://gateway.example.com/images/1795/film.mp4', { kind: 'video', src: '/images/1795/film.mp4' }],
    ['data:image/png;base64,aGk=', { kind: 'image', src: 'data:image/png;base64,aGk=' }],
  ])('%s is', (address, shown) => expect(shownMedia(address)).toEqual(shown));

  test.each([
    'https://stranger.example/pixel.png?who=me',
    'data:text/html;base64,aGk=',
    'data:image/svg+xml;base64,aGk=',
    'javascript:alert(1)//images/a.png',
    '/images/../api/auth/logout',
    'ftp://gateway.example.com/images/a.png',
    'https://',
    '',
  ])('%s is not', (address) => expect(shownMedia(address)).toBeNull());

  test('a player in HTML becomes a link', () => {
    const player = '<video src="https://g.example/images/1/a.mp4" controls="controls" preload="metadata"></video>';
    expect(withoutPlayers(`Here: ${player}.`)).toBe('Here: [video](https://g.example/images/1/a.mp4).');
  });
});
