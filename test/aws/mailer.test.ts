import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAwsStandIns } from '../../infra/local/store/stand-ins/server.ts';
import { createMailer } from '../../layers/aws/mailer.ts';
import { NOBODY } from '../../layers/core/mail/mailer.ts';
import { testAws } from '../support/embedded-tables.ts';

const MAIL = {
  kind: 'verification',
  to: 'jo@example.com',
  subject: '请验证',
  text: 'Hello, 你好',
  html: '<p>Hello</p>',
} as const;

function aLog() {
  const lines: string[] = [];
  const log = (event: string, fields: object = {}) => void lines.push(JSON.stringify({ event, ...fields }));
  return { lines, log: { info: log, warn: log, error: log } };
}

describe('mail through SES', () => {
  let directory: string;
  let standIns: Awaited<ReturnType<typeof createAwsStandIns>>;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sluice-mailer-'));
    standIns = await createAwsStandIns({
      secretsFile: join(directory, 'secrets.json'),
      outboxDirectory: join(directory, 'outbox'),
      invoke: () => null,
    });
  });
  afterAll(async () => {
    await standIns.close();
    await rm(directory, { recursive: true });
  });

  const outbox = async () =>
    (await readdir(join(directory, 'outbox')).catch(() => [])).filter((name) => name.endsWith('.json'));

  it('arrives as it was written, from the sender of the deployment', async () => {
    const mailer = createMailer({ aws: testAws({ sesv2: standIns.url }), sender: 'sluice@example.com', ...aLog() });
    expect(await mailer.send(MAIL)).toBe('sent');
    const [file] = await outbox();
    expect(JSON.parse(await readFile(join(directory, 'outbox', file ?? ''), 'utf8'))).toMatchObject({
      from: 'sluice@example.com',
      to: ['jo@example.com'],
      subject: MAIL.subject,
      text: MAIL.text,
      html: MAIL.html,
    });
  });

  it('to nobody is taken like any other, and lies in no outbox', async () => {
    const before = (await outbox()).length;
    const mailer = createMailer({ aws: testAws({ sesv2: standIns.url }), sender: 'sluice@example.com', ...aLog() });
    expect(await mailer.send({ ...MAIL, to: NOBODY })).toBe('sent');
    expect(await outbox()).toHaveLength(before);
  });
});

describe('mail that cannot be sent', () => {
  let server: Server;
  let calls = 0;
  beforeAll(async () => {
    server = createServer((_request, response) => {
      calls += 1;
      response.writeHead(400, { 'x-amzn-errortype': 'MessageRejected' });
      response.end(JSON.stringify({ message: 'Email address is not verified: jo@example.com' }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => new Promise((resolve) => void server.close(resolve)));

  it('fails without a throw, and the log tells what SES said but not to whom', async () => {
    const { lines, log } = aLog();
    const sesv2 = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const mailer = createMailer({ aws: testAws({ sesv2 }), sender: 'sluice@example.com', log });
    expect(await mailer.send(MAIL)).toBe('failed');
    expect(calls).toBeGreaterThan(0);
    expect(lines).toEqual(['{"event":"mail_failed","kind":"verification","error":"MessageRejected"}']);
  });

  it('is not tried where the deployment has no sender', async () => {
    const before = calls;
    const mailer = createMailer({ aws: testAws({}), sender: null, ...aLog() });
    expect(await mailer.send(MAIL)).toBe('off');
    expect(calls).toBe(before);
  });
});
