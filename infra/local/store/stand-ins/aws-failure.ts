/** An error of a stand-in, carried as the AWS JSON and REST-JSON protocols do. */
export interface AwsFailure extends Error {
  readonly awsType: string;
  readonly statusCode: number;
}

export function awsFailure(awsType: string, message: string, statusCode = 400): AwsFailure {
  return Object.assign(new Error(message), { awsType, statusCode });
}

export function isAwsFailure(error: unknown): error is AwsFailure {
  return error instanceof Error && 'awsType' in error;
}
