import { describe, expect, test } from '@jest/globals';
import { compilePathPattern } from '../../../../infra/local/cdn/path-pattern.ts';

describe('CloudFront path patterns', () => {
  test.each([
    ['/v1/*', '/v1/chat/completions', true],
    ['/v1/*', '/v1/', true],
    ['/v1/*', '/v1', false],
    ['/v1/*', '/V1/chat', false],
    ['/v1/*', '/x/v1/chat', false],
    ['/api/v1/models*', '/api/v1/models', true],
    ['/api/v1/models*', '/api/v1/models/gpt', true],
    ['v1/*', '/v1/chat', true],
    ['*.js', '/assets/a.js', true],
    ['*.js', '/assets/axjs', false],
    ['/a?c', '/abc', true],
    ['/a?c', '/ac', false],
    ['*', '/', true],
    ['/a+(b)', '/a+(b)', true],
  ])('%s against %s: %p', (pattern, path, expected) => {
    expect(compilePathPattern(pattern)(path)).toBe(expected);
  });
});
