/** How IAM compares actions and resources (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html). */

const ARN_SEGMENTS = 6;

/** `*` stands for any characters, `?` for one. */
function compileWildcards(pattern: string, flags = ''): (text: string) => boolean {
  if (!/[*?]/.test(pattern) && flags === '') return (text) => text === pattern;
  const source = pattern
    .replaceAll(/[$()+.[\\\]^{|}]/g, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const expression = new RegExp(`^${source}$`, `s${flags}`);
  return (text) => expression.test(text);
}

/** `dynamodb:Get*`; actions know no case. */
export function compileAction(pattern: string): (action: string) => boolean {
  return compileWildcards(pattern, 'i');
}

export function compileText(pattern: string): (text: string) => boolean {
  return compileWildcards(pattern);
}

/** Five segments and the rest, which may hold colons of its own; undefined when it is no whole ARN. */
export function arnSegments(arn: string): string[] | undefined {
  const parts = arn.split(':');
  if (parts.length < ARN_SEGMENTS || parts[0] !== 'arn') return undefined;
  return [...parts.slice(0, ARN_SEGMENTS - 1), parts.slice(ARN_SEGMENTS - 1).join(':')];
}

/** `*`, or an ARN whose wildcards stay inside their segment, except in the last one. */
export function compileArn(pattern: string): (arn: string) => boolean {
  if (pattern === '*') return () => true;
  const matchers = (arnSegments(pattern) ?? []).map(compileText);
  return (arn) => {
    const segments = arnSegments(arn);
    return (
      segments !== undefined &&
      matchers.length > 0 &&
      matchers.every((matches, index) => matches(segments[index] ?? ''))
    );
  };
}

/** An ARN without what is the same everywhere or differs from start to start: `table/main-Ledger`, `secret:main-Pepper`. */
export function shortResource(arn: string): string {
  const segments = arnSegments(arn);
  if (segments === undefined) return arn;
  const [, , service = '', , , resource = ''] = segments;
  if (service === 'secretsmanager') return resource.replace(/-\w{6}$/, '');
  return service === 's3' ? `s3:${resource}` : resource;
}
