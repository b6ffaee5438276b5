/** Types that the local stack starts or reads; each has its own place in the runner. */
const STARTED_TYPES = [
  'AWS::CloudFront::Distribution',
  'AWS::CloudFront::Function',
  'AWS::CloudFront::ResponseHeadersPolicy',
  'AWS::DynamoDB::GlobalTable',
  'AWS::IAM::ManagedPolicy',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Lambda::Function',
  'AWS::Lambda::LayerVersion',
  'AWS::Lambda::Permission',
  'AWS::Lambda::Url',
  'AWS::S3::Bucket',
  'AWS::S3::BucketPolicy',
  'AWS::Scheduler::Schedule',
  'AWS::SecretsManager::Secret',
  'Custom::CDKBucketDeployment',
] as const;

export type StartedType = (typeof STARTED_TYPES)[number];

/** Types that a deployment needs and one machine does not, each with the reason. */
const QUIET_TYPES: Readonly<Record<string, string>> = {
  'AWS::CDK::Metadata': 'analytics of the deployment',
  'AWS::CloudFront::OriginAccessControl': 'the CDN signs its reads of buckets as itself',
  'AWS::CloudWatch::Alarm': 'nobody is paged from one machine',
  'AWS::CloudWatch::CompositeAlarm': 'nobody is paged from one machine',
  'AWS::CloudWatch::Dashboard': 'metrics are read from the log files',
  'AWS::Logs::Delivery': 'the CDN keeps no access log locally',
  'AWS::Logs::DeliveryDestination': 'the CDN keeps no access log locally',
  'AWS::Logs::DeliverySource': 'the CDN keeps no access log locally',
  'AWS::Logs::LogGroup': 'logs are files under the data directory',
  'AWS::Logs::MetricFilter': 'metrics are read from the log files',
  'AWS::SNS::Subscription': 'nobody is paged from one machine',
  'AWS::SNS::Topic': 'nobody is paged from one machine',
  'AWS::SNS::TopicPolicy': 'nobody is paged from one machine',
  'AWS::SQS::Queue': 'a queue of failed deliveries; failures go to the log',
  'AWS::SQS::QueuePolicy': 'a queue of failed deliveries; failures go to the log',
  'AWS::Scheduler::ScheduleGroup': 'a name around schedules',
  'Custom::S3AutoDeleteObjects': 'only acts when a stack is deleted; --reset does that here',
};

export function isStartedType(type: string): type is StartedType {
  return (STARTED_TYPES as readonly string[]).includes(type);
}

export function isSupportedType(type: string): boolean {
  return isStartedType(type) || type in QUIET_TYPES;
}
