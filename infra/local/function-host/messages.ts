/** What the runner and a function's process tell each other over IPC. */

export interface FunctionSettings {
  /** Absolute path of the module that exports the handler, or `createServer` for the plain Node adapter. */
  readonly modulePath: string;
  readonly exportName: string;
  /** `function-url` and `server` listen; `invoke` only takes direct invocations. */
  readonly mode: 'function-url' | 'server' | 'invoke';
  /** Modules outside this directory are refused, as a deployed function would not find them. */
  readonly codeRoot: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly functionName: string;
  readonly functionArn: string;
  readonly memoryMegabytes: number;
  readonly timeoutMs: number;
  /** Host name of the function URL. */
  readonly domainName: string;
  readonly clockOffsetMs: number;
}

export interface InvocationError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}

export type HostCommand =
  | { readonly type: 'start'; readonly settings: FunctionSettings }
  | { readonly type: 'invoke'; readonly id: number; readonly payload: unknown }
  | { readonly type: 'clock'; readonly offsetMs: number };

export type HostMessage =
  /** The process is up and takes its settings. */
  | { readonly type: 'up' }
  | { readonly type: 'listening'; readonly port: number }
  /** The clock is moved; what is asked from now on sees it. */
  | { readonly type: 'clock-set' }
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'result'; readonly id: number; readonly payload?: unknown; readonly error?: InvocationError };
