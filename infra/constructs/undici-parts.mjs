/**
 * What bundles take for `undici`: the parts that the gateway uses. The package's own entry loads everything it has
 * (fetch, WebSocket, caches, mocks), which costs every process 4 MB; a name that is missing here fails the build.
 * By path, since esbuild replaces the package's name wherever it stands.
 */
export { default as Client } from '../../node_modules/undici/lib/dispatcher/client.js';
export { default as Pool } from '../../node_modules/undici/lib/dispatcher/pool.js';
export { default as ProxyAgent } from '../../node_modules/undici/lib/dispatcher/proxy-agent.js';
export { default as Socks5ProxyAgent } from '../../node_modules/undici/lib/dispatcher/socks5-proxy-agent.js';
export { default as buildConnector } from '../../node_modules/undici/lib/core/connect.js';
