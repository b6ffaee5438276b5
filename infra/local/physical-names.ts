/**
 * The local values of `Ref` and `Fn::GetAtt`. Names derive from stack and logical id alone, so that data kept on disk
 * is found again after a restart; what is only known while starting (a secret's ARN, the CDN's address) is set then.
 */
export interface PhysicalNames {
  declare(stackName: string, logicalId: string, type: string): void;
  /** `attribute` undefined asks for what `Ref` yields. */
  attribute(stackName: string, logicalId: string, attribute: string | undefined): string | undefined;
  /** Sets what `Ref` (attribute undefined) or an attribute yields from now on. */
  set(stackName: string, logicalId: string, attribute: string | undefined, value: string): void;
}

interface Scope {
  readonly stackName: string;
  readonly logicalId: string;
  readonly region: string;
  readonly accountId: string;
}

type Attributes = (scope: Scope) => Readonly<Record<string, string>>;

const nameOf = ({ stackName, logicalId }: Scope): string => `${stackName}-${logicalId}`;
const bucketOf = (scope: Scope): string => nameOf(scope).toLowerCase().slice(0, 63);
const arnOf = (service: string, resource: string, { region, accountId }: Scope): string =>
  `arn:aws:${service}:${region}:${accountId}:${resource}`;

/** The key '' is what `Ref` yields. Types without an entry yield their name, and an ARN made from it. */
const ATTRIBUTES: Readonly<Record<string, Attributes>> = {
  'AWS::DynamoDB::GlobalTable': (scope) => ({
    '': nameOf(scope),
    Arn: arnOf('dynamodb', `table/${nameOf(scope)}`, scope),
    TableId: nameOf(scope),
  }),
  'AWS::S3::Bucket': (scope) => ({
    '': bucketOf(scope),
    Arn: `arn:aws:s3:::${bucketOf(scope)}`,
    DomainName: `${bucketOf(scope)}.s3.amazonaws.com`,
    RegionalDomainName: `${bucketOf(scope)}.s3.${scope.region}.amazonaws.com`,
  }),
  'AWS::Lambda::Function': (scope) => ({
    '': nameOf(scope),
    Arn: arnOf('lambda', `function:${nameOf(scope)}`, scope),
  }),
  'AWS::Lambda::LayerVersion': (scope) => ({ '': arnOf('lambda', `layer:${nameOf(scope)}:1`, scope) }),
  'AWS::Lambda::Url': (scope) => ({
    '': arnOf('lambda', `function:${nameOf(scope)}`, scope),
    FunctionArn: arnOf('lambda', `function:${nameOf(scope)}`, scope),
    FunctionUrl: `https://${nameOf(scope).toLowerCase()}.lambda-url.${scope.region}.on.aws/`,
  }),
  'AWS::CloudFront::Function': (scope) => ({
    '': `arn:aws:cloudfront::${scope.accountId}:function/${nameOf(scope)}`,
    FunctionARN: `arn:aws:cloudfront::${scope.accountId}:function/${nameOf(scope)}`,
  }),
  'AWS::CloudFront::Distribution': (scope) => ({
    '': nameOf(scope),
    Id: nameOf(scope),
    DomainName: `${nameOf(scope).toLowerCase()}.cloudfront.net`,
  }),
  'AWS::IAM::ManagedPolicy': (scope) => ({ '': `arn:aws:iam::${scope.accountId}:policy/${nameOf(scope)}` }),
  'AWS::IAM::Role': (scope) => ({
    '': nameOf(scope),
    Arn: `arn:aws:iam::${scope.accountId}:role/${nameOf(scope)}`,
    RoleId: nameOf(scope),
  }),
  'AWS::Logs::LogGroup': (scope) => ({ '': nameOf(scope), Arn: arnOf('logs', `log-group:${nameOf(scope)}:*`, scope) }),
  'AWS::SQS::Queue': (scope) => ({
    '': `https://sqs.${scope.region}.amazonaws.com/${scope.accountId}/${nameOf(scope)}`,
    Arn: arnOf('sqs', nameOf(scope), scope),
    QueueName: nameOf(scope),
  }),
  'AWS::SNS::Topic': (scope) => ({ '': arnOf('sns', nameOf(scope), scope), TopicName: nameOf(scope) }),
};

/** Physical names of all stacks; `declare` each resource before asking for its attributes. */
export function createPhysicalNames(options: { region: string; accountId: string }): PhysicalNames {
  const declared = new Map<string, Map<string, string>>();
  return {
    declare: (stackName, logicalId, type) => {
      const scope: Scope = { stackName, logicalId, ...options };
      const attributes = ATTRIBUTES[type]?.(scope) ?? {
        '': nameOf(scope),
        Arn: arnOf((type.split('::')[1] ?? 'local').toLowerCase(), nameOf(scope), scope),
        Id: nameOf(scope),
      };
      declared.set(keyOf(stackName, logicalId), new Map(Object.entries(attributes)));
    },
    attribute: (stackName, logicalId, attribute) => declared.get(keyOf(stackName, logicalId))?.get(attribute ?? ''),
    set: (stackName, logicalId, attribute, value) => {
      declared.get(keyOf(stackName, logicalId))?.set(attribute ?? '', value);
    },
  };
}

function keyOf(stackName: string, logicalId: string): string {
  return `${stackName}/${logicalId}`;
}
