/** Errors of the table service, shaped as the AWS JSON 1.0 protocol carries them. */

/** An error that travels to the caller as it is: dynalite's own and ours look alike. */
export interface ServiceFailure extends Error {
  statusCode: number;
  body: { __type: string; message?: string; [field: string]: unknown };
}

const SERVICE = 'com.amazonaws.dynamodb.v20120810#';

function failure(type: string, message: string, fields: Record<string, unknown> = {}): ServiceFailure {
  return Object.assign(new Error(message), { statusCode: 400, body: { __type: type, message, ...fields } });
}

export function validationFailure(message: string): ServiceFailure {
  return failure('com.amazon.coral.validate#ValidationException', message);
}

/** Any error of the service's own list, by its short name. */
export function serviceFailure(name: string, message: string, fields?: Record<string, unknown>): ServiceFailure {
  return failure(SERVICE + name, message, fields);
}

export function unknownOperation(): ServiceFailure {
  return failure('com.amazon.coral.service#UnknownOperationException', 'The operation is not known to this service');
}

export function isServiceFailure(error: unknown): error is ServiceFailure {
  return error instanceof Error && 'statusCode' in error && 'body' in error;
}

/** ConditionalCheckFailedException of com.amazonaws.…#ConditionalCheckFailedException. */
export function shortName(error: ServiceFailure): string {
  return error.body.__type.slice(error.body.__type.indexOf('#') + 1);
}
