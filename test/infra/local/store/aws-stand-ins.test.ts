import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { SendEmailCommand, SESv2Client } from '@aws-sdk/client-sesv2';
import type { SendEmailCommandInput } from '@aws-sdk/client-sesv2';
import { awsFailure } from '../../../../infra/local/store/stand-ins/aws-failure.ts';
import { createAwsStandIns } from '../../../../infra/local/store/stand-ins/server.ts';
import type {
  AwsStandIns,
  LambdaInvocation,
  OutboxMail,
  StandInCall,
  StandInOptions,
} from '../../../../infra/local/store/interfaces.ts';
import { failureOf } from './table-under-test.ts';

let directory: string;
let standIns: AwsStandIns;
let invocations: LambdaInvocation[];
let calls: StandInCall[];

function invoke(invocation: LambdaInvocation): ReturnType<StandInOptions['invoke']> {
  if (invocation.functionName !== 'vault') return null;
  invocations.push(invocation);
  const { action } = invocation.payload as { action?: string };
  if (action === 'fail') return Promise.resolve({ error: { errorType: 'Error', errorMessage: 'no', trace: [] } });
  return Promise.resolve({ payload: { published: true, action } });
}

async function start(): Promise<void> {
  standIns = await createAwsStandIns({
    secretsFile: join(directory, 'secrets.json'),
    outboxDirectory: join(directory, 'outbox'),
    invoke,
    now: () => Date.UTC(2026, 10, 20),
    onCall: (call) => {
      if (call.resource === 'forbidden') throw awsFailure('AccessDeniedException', 'not allowed');
      calls.push(call);
    },
  });
}

const settings = () => ({
  endpoint: standIns.url,
  region: 'us-east-1',
  maxAttempts: 1,
  credentials: { accessKeyId: 'admin-function', secretAccessKey: 'secret' },
});

beforeEach(async () => {
  [invocations, calls] = [[], []];
  directory = await mkdtemp(join(tmpdir(), 'sluice-stand-ins-'));
  await start();
});
afterEach(async () => {
  await standIns.close();
  await rm(directory, { recursive: true, force: true });
});

describe('secrets', () => {
  test('made from the template are found by name and ARN, and stay the same over starts', async () => {
    const generate = { SecretStringTemplate: '{"previous":""}', GenerateStringKey: 'current', PasswordLength: 43 };
    const arn = await standIns.ensureSecret({ name: 'origin', generate });
    expect(arn).toMatch(/^arn:aws:secretsmanager:us-east-1:000000000000:secret:origin-\w{6}$/);
    const client = new SecretsManagerClient(settings());
    const { SecretString, VersionStages } = await client.send(new GetSecretValueCommand({ SecretId: arn }));
    const value = JSON.parse(SecretString!) as Record<string, string>;
    expect(value['previous']).toBe('');
    expect(value['current']).toHaveLength(43);
    expect(VersionStages).toEqual(['AWSCURRENT']);
    await standIns.close();
    await start();
    expect(await standIns.ensureSecret({ name: 'origin', generate })).toBe(arn);
    expect(standIns.readSecret('origin')).toBe(SecretString);
    expect(standIns.readSecret('other')).toBeNull();
    expect((await stat(join(directory, 'secrets.json'))).mode & 0o777).toBe(0o600);
  });

  test('keep the version before the current one', async () => {
    const client = new SecretsManagerClient(settings());
    const { ARN, VersionId } = await client.send(new CreateSecretCommand({ Name: 's', SecretString: 'one' }));
    const two = await client.send(new PutSecretValueCommand({ SecretId: 's', SecretString: 'two' }));
    await client.send(new PutSecretValueCommand({ SecretId: ARN, SecretString: 'three' }));
    const read = async (input: object) =>
      (await client.send(new GetSecretValueCommand({ SecretId: 's', ...input }))).SecretString;
    expect(await read({})).toBe('three');
    expect(await read({ VersionStage: 'AWSPREVIOUS' })).toBe('two');
    expect(await read({ VersionId: two.VersionId })).toBe('two');
    expect((await failureOf(read({ VersionId }))).name).toBe('ResourceNotFoundException');
    const { VersionIdsToStages } = await client.send(new DescribeSecretCommand({ SecretId: 's' }));
    expect(Object.values(VersionIdsToStages!).flat().toSorted()).toEqual(['AWSCURRENT', 'AWSPREVIOUS']);
  });

  test('are refused when unknown, existing already, not allowed, or asked something else', async () => {
    const client = new SecretsManagerClient(settings());
    await standIns.ensureSecret({ name: 's', secretString: 'x' });
    const failures = [
      client.send(new GetSecretValueCommand({ SecretId: 'none' })),
      client.send(new CreateSecretCommand({ Name: 's', SecretString: 'y' })),
      client.send(new GetSecretValueCommand({ SecretId: 'forbidden' })),
      client.send(new ListSecretsCommand({})),
    ];
    expect(await Promise.all(failures.map(async (call) => (await failureOf(call)).name))).toEqual([
      'ResourceNotFoundException',
      'ResourceExistsException',
      'AccessDeniedException',
      'UnknownOperationException',
    ]);
    expect(standIns.readSecret('s')).toBe('x');
  });

  test('name their caller', async () => {
    const arn = await standIns.ensureSecret({ name: 's', secretString: 'x' });
    await new SecretsManagerClient(settings()).send(new GetSecretValueCommand({ SecretId: 's' }));
    expect(calls).toEqual([
      { service: 'secretsmanager', operation: 'GetSecretValue', resource: 's', arn, accessKeyId: 'admin-function' },
    ]);
  });
});

describe('an invocation', () => {
  const run = (FunctionName: string, payload: unknown, more: object = {}) =>
    new LambdaClient(settings()).send(
      new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(payload)), ...more }),
    );

  test('answers what the function answers, by name, by ARN and with a qualifier', async () => {
    for (const name of ['vault', 'vault:$LATEST', 'arn:aws:lambda:us-east-1:000000000000:function:vault']) {
      const answer = await run(name, { action: 'publish-public-key' });
      expect(answer.StatusCode).toBe(200);
      expect(answer.FunctionError).toBeUndefined();
      expect(JSON.parse(Buffer.from(answer.Payload!).toString())).toEqual({
        published: true,
        action: 'publish-public-key',
      });
    }
    expect(invocations.map(({ functionName, type }) => [functionName, type])).toEqual(
      Array.from({ length: 3 }, () => ['vault', 'RequestResponse']),
    );
  });

  test('carries the error of the function as Lambda does', async () => {
    const answer = await run('vault', { action: 'fail' });
    expect(answer.FunctionError).toBe('Unhandled');
    expect(JSON.parse(Buffer.from(answer.Payload!).toString())).toMatchObject({
      errorType: 'Error',
      errorMessage: 'no',
    });
  });

  test('as an event is accepted at once', async () => {
    expect((await run('vault', { action: 'fail' }, { InvocationType: 'Event' })).StatusCode).toBe(202);
    expect(invocations).toMatchObject([{ type: 'Event', payload: { action: 'fail' } }]);
  });

  test('as a dry run does not run', async () => {
    expect((await run('vault', {}, { InvocationType: 'DryRun' })).StatusCode).toBe(204);
    expect(invocations).toEqual([]);
  });

  test('of an unknown function, with a broken payload or another operation is refused', async () => {
    expect((await failureOf(run('other', {}))).name).toBe('ResourceNotFoundException');
    expect((await failureOf(run('other', {}, { InvocationType: 'Event' }))).name).toBe('ResourceNotFoundException');
    expect((await failureOf(run('vault', {}, { Payload: Buffer.from('{') }))).name).toBe(
      'InvalidRequestContentException',
    );
    const list = new LambdaClient(settings()).send(new ListFunctionsCommand({}));
    expect((await failureOf(list)).message).toContain('is not served here');
  });
});

describe('a mail', () => {
  const mail: SendEmailCommandInput = {
    FromEmailAddress: 'Sluice <noreply@example.com>',
    Destination: { ToAddresses: ['a@example.com'], BccAddresses: ['hidden@example.com'] },
    Content: {
      Simple: {
        Subject: { Data: 'Bestätigung\r\nX-Evil: 1' },
        Body: { Text: { Data: 'Grüße' }, Html: { Data: '<p>Grüße</p>' } },
      },
    },
  };
  const send = (input: SendEmailCommandInput) => new SESv2Client(settings()).send(new SendEmailCommand(input));

  test('lands in the outbox for programs and for mail readers', async () => {
    const { MessageId } = await send(mail);
    const files = (await readdir(join(directory, 'outbox'))).toSorted();
    expect(files).toEqual([`${MessageId}.eml`, `${MessageId}.json`]);
    const kept = JSON.parse(await readFile(join(directory, 'outbox', files[1]!), 'utf8')) as OutboxMail;
    expect(kept).toMatchObject({ to: ['a@example.com'], bcc: ['hidden@example.com'], text: 'Grüße' });
    const message = await readFile(join(directory, 'outbox', files[0]!), 'utf8');
    expect(message).toContain('To: a@example.com\r\n');
    expect(message).not.toContain('hidden@example.com');
    expect(message).not.toMatch(/^X-Evil/m);
    expect(message).toContain(Buffer.from('<p>Grüße</p>').toString('base64'));
  });

  test.each([
    ['without a recipient', { Destination: {} }],
    ['with a header in an address', { Destination: { ToAddresses: ['a@example.com\r\nBcc: b@example.com'] } }],
    ['without a body', { Content: { Simple: { Subject: { Data: 'x' }, Body: {} } } }],
    ['from a template', { Content: { Template: { TemplateName: 't' } } }],
  ])('%s is refused and not kept', async (_why, change) => {
    expect((await failureOf(send({ ...mail, ...change }))).name).toBe('BadRequestException');
    expect(await readdir(join(directory, 'outbox')).catch(() => [])).toEqual([]);
  });
});

test('an unsigned call is refused', async () => {
  const response = await fetch(standIns.url, {
    method: 'POST',
    headers: { 'x-amz-target': 'secretsmanager.GetSecretValue' },
    body: '{"SecretId":"s"}',
  });
  expect(response.status).toBe(403);
});
