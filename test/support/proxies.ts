import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A proxy on this machine and the addresses it was asked for. */
export interface TestProxy {
  port: number;
  asked: { target: string; auth: string | null }[];
  close(): void;
}

/** An HTTP proxy that knows CONNECT only. */
export async function startHttpProxy(options: { auth?: string } = {}): Promise<TestProxy> {
  const asked: TestProxy['asked'] = [];
  const server = createHttpServer((_request, response) => response.writeHead(405).end());
  server.on('connect', (request, socket: Socket) => {
    const auth = /^Basic (.+)$/.exec(request.headers['proxy-authorization'] ?? '')?.[1] ?? null;
    const given = auth && Buffer.from(auth, 'base64').toString();
    asked.push({ target: request.url ?? '', auth: given });
    if (options.auth !== undefined && given !== options.auth)
      return socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    const [host = '', port = ''] = (request.url ?? '').split(':');
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    for (const end of [onward, socket]) end.on('error', () => [onward, socket].map((one) => one.destroy()));
  });
  return started(server, asked);
}

/** SOCKS 5 with user name and password (RFC 1928, RFC 1929). */
export async function startSocksProxy(): Promise<TestProxy> {
  const asked: TestProxy['asked'] = [];
  const server = createTcpServer((socket) => {
    let step: 'hello' | 'auth' | 'connect' = 'hello';
    let auth: string | null = null;
    const onData = (bytes: Buffer): void => {
      if (step === 'hello') {
        const wantsAuth = bytes.subarray(2).includes(2);
        socket.write(Buffer.from([5, wantsAuth ? 2 : 0]));
        step = wantsAuth ? 'auth' : 'connect';
      } else if (step === 'auth') {
        const nameEnd = 2 + (bytes[1] ?? 0);
        auth = `${bytes.subarray(2, nameEnd)}:${bytes.subarray(nameEnd + 1)}`;
        socket.write(Buffer.from([1, 0]));
        step = 'connect';
      } else {
        socket.off('data', onData);
        const isName = bytes[3] === 3;
        const host = isName ? bytes.subarray(5, 5 + (bytes[4] ?? 0)).toString() : bytes.subarray(4, 8).join('.');
        const port = bytes.readUInt16BE(bytes.length - 2);
        asked.push({ target: `${host}:${port}`, auth });
        const onward = connect(port, host, () => {
          socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
          onward.pipe(socket).pipe(onward);
        });
        onward.on('error', () => socket.destroy());
      }
    };
    socket.on('data', onData);
    socket.on('error', () => undefined);
  });
  return started(server, asked);
}

async function started(server: Server, asked: TestProxy['asked']): Promise<TestProxy> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => void sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
