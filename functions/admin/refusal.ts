import { GatewayError } from '@sluice/kit/errors/gateway-error';

/** What is wrong with an input, field by field; the edge writes the list into the envelope. */
export class InputRefused extends GatewayError {
  readonly errors: readonly { path: string; message: string }[];

  constructor(errors: readonly { path: string; message: string }[]) {
    const [first] = errors;
    const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
    super('invalid_field', {
      message: `${first?.path ?? '$'}: ${first?.message ?? 'Invalid'}${more}`,
      param: first?.path,
    });
    this.errors = errors;
  }
}

export function notFound(what: string): GatewayError {
  return new GatewayError('not_found', { message: `There is no ${what}.` });
}
