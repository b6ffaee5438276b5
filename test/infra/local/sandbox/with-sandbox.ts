import { afterAll, beforeAll } from '@jest/globals';
import OpenAI from 'openai';
import { SANDBOX_CREDENTIAL } from '../../../../infra/local/sandbox/demo-document.ts';
import type { LoggedRequest } from '../../../../infra/local/sandbox/log.ts';
import { createSandbox, type Sandbox } from '../../../../infra/local/sandbox/server.ts';

export interface SandboxUnderTest {
  client: OpenAI;
  url(): string;
  log(): Promise<LoggedRequest[]>;
  post(body: string, headers?: Record<string, string>): Promise<Response>;
  /** Times given to `POST /__clock`. */
  clockMoves: number[];
}

/** One sandbox for the tests of a file, with an unmodified OpenAI client that points at it. */
export function withSandbox(): SandboxUnderTest {
  let sandbox: Sandbox;
  const clockMoves: number[] = [];
  const under = { clockMoves } as unknown as SandboxUnderTest;
  beforeAll(async () => {
    sandbox = await createSandbox({
      port: 0,
      onClock: async (now) => {
        if (now === 0) throw new Error('refused');
        clockMoves.push(now);
      },
    });
    under.client = new OpenAI({ apiKey: SANDBOX_CREDENTIAL, baseURL: `${sandbox.url}/v1`, maxRetries: 0 });
  });
  afterAll(() => sandbox.close());
  under.url = () => sandbox.url;
  under.log = async () => {
    const answer = await fetch(`${sandbox.url}/__log`);
    return ((await answer.json()) as { requests: LoggedRequest[] }).requests;
  };
  under.post = (body, headers = {}) =>
    fetch(`${sandbox.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${SANDBOX_CREDENTIAL}`, 'content-type': 'application/json', ...headers },
      body,
    });
  return under;
}
