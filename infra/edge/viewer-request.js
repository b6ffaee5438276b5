// CloudFront Function (cloudfront-js-2.0), viewer request, on every behaviour. It sees the head of a request only.
// Written in the runtime's subset: no destructuring, no for-of, no default parameters, no optional chaining.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html

// Replaced by the stage's own at synth.
const SETTINGS = { publicApiPrefix: 'public-api', buildId: 'local' };

// Lambda takes 6 MB of event, in which text is a JSON string and anything else is base64.
const MAX_TEXT_BYTES = 5 * 1024 * 1024;
const MAX_BINARY_BYTES = Math.floor(4.4 * 1024 * 1024);
// CloudFront itself refuses heads over 20,480 bytes, with a page of its own; below that we can still answer.
const MAX_HEADER_BYTES = 16 * 1024;
const TEXT_TYPES = /^(text\/|application\/(json|xml|javascript)\s*(;|$))/i;

// layers/kit/ids/api-key.ts makes these keys.
const KEY_PREFIX = 'sk-sluice1-';
const KEY_BODY = 40;
const KEY_CHECKSUM = 6;
const BASE_62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

// Names of media tell when they expire, in seconds; those of uploads in hexadecimal (layers/core/media/media-names.ts).
const MEDIA_PATH = /^\/images\/([1-9][0-9]{9})\/[A-Za-z0-9_-]{22,64}\.[a-z0-9]{2,5}$/;
const UPLOAD_PATH =
  /^\/images\/upload-([0-9a-f]{8})-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\.[a-z0-9]{2,5}$/;

// oxlint-disable-next-line no-unused-vars -- CloudFront calls it by this name
function handler(event) {
  const request = event.request;
  const headers = request.headers;
  const host = headers.host ? headers.host.value : '';
  Object.keys(headers).forEach((name) => {
    if (name.indexOf('x-sluice-') === 0) delete headers[name];
  });
  headers['x-forwarded-host'] = { value: host };
  headers['x-sluice-viewer-ip'] = { value: event.viewer.ip };

  const path = request.uri;
  if (path === '/manage') return redirect('/admin/token');
  if (/^\/v1\/files\/(image|video)\/./.test(path))
    return redirect(path.replace(/^\/v1\/files\/(image|video)\//, '/images/'));
  if (path.indexOf('/images/') === 0) return media(request);
  if (!isApiPath(path)) return page(request);

  const dialect = dialectOf(path, headers);
  const ids = answerIds(event);
  if (headers.origin && isDataPlane(path)) {
    // These answers say nothing that is not said to everybody; which origins may call is the relay's to tell.
    ids['access-control-allow-origin'] = { value: '*' };
    ids['access-control-expose-headers'] = { value: 'x-request-id, x-sluice-request-id, x-sluice-build' };
  }
  if (headerBytes(headers) > MAX_HEADER_BYTES) {
    return failure(
      431,
      'Request Header Fields Too Large',
      { path: path, dialect: dialect, ids: ids },
      'headers_too_large',
      'The request headers are too large: at most 16 KB of names and values.',
    );
  }
  if (isTooLarge(headers)) {
    return failure(
      413,
      'Payload Too Large',
      { path: path, dialect: dialect, ids: ids },
      'body_too_large',
      'The request body is too large: at most 5 MB of text or 4.4 MB of binary data.' +
        (isDataPlane(path)
          ? ' Send larger images to the address that POST /v1/uploads gives, and name them by its reference.'
          : ''),
    );
  }
  if (!presentedKeys(request).every(isPlausibleKey)) {
    return failure(
      401,
      'Unauthorized',
      { path: path, dialect: dialect, ids: ids },
      'invalid_api_key',
      'The API key is not valid: it was mistyped or cut.',
    );
  }
  return request;
}

// The prefixes of the behaviours that lead to functions; everything else is the console's.
function isApiPath(path) {
  if (path === '/health') return true;
  const first = path.split('/')[1];
  return path.indexOf('/', 1) > 0 && ['v1', 'v1beta', 'cc', 'api', SETTINGS.publicApiPrefix].indexOf(first) >= 0;
}

// Those of them that lead to the relay, as infra/constructs/cdn.ts says.
function isDataPlane(path) {
  return /^\/(v1|v1beta|cc|api\/v1\/(chat|images)|api\/plugin-api\/(chat|v1beta))\/|^\/api\/(chat|v1\/models|plugin-api\/models)/.test(
    path,
  );
}

// A path without an extension is a page of the console, which routes by itself.
function page(request) {
  const last = request.uri.slice(request.uri.lastIndexOf('/') + 1);
  if (last.indexOf('.') < 0) request.uri = '/index.html';
  return request;
}

// Expiry is in the name, so that it holds to the second whatever the caches keep.
function media(request) {
  const named = MEDIA_PATH.exec(request.uri);
  const uploaded = named ? null : UPLOAD_PATH.exec(request.uri);
  const expiry = named ? Number(named[1]) : uploaded ? parseInt(uploaded[1], 16) : 0;
  if (expiry * 1000 > Date.now()) return request;
  return answer(404, 'Not Found', 'text/plain; charset=utf-8', 'Not found: the address is wrong or has expired.\n', {});
}

function redirect(location) {
  return {
    statusCode: 302,
    statusDescription: 'Found',
    headers: { location: { value: location }, 'cache-control': { value: 'no-store' } },
  };
}

function headerBytes(headers) {
  let bytes = 0;
  Object.keys(headers).forEach((name) => {
    const values = headers[name].multiValue || [headers[name]];
    values.forEach((entry) => {
      bytes += name.length + entry.value.length;
    });
  });
  return bytes;
}

function isTooLarge(headers) {
  const length = headers['content-length'] ? Number(headers['content-length'].value) : 0;
  const type = headers['content-type'] ? headers['content-type'].value : '';
  return length > (TEXT_TYPES.test(type) && !headers['content-encoding'] ? MAX_TEXT_BYTES : MAX_BINARY_BYTES);
}

function presentedKeys(request) {
  const keys = [];
  const headers = request.headers;
  const bearer = headers.authorization ? /^bearer\s+(\S+)\s*$/i.exec(headers.authorization.value) : null;
  if (bearer) keys.push(bearer[1]);
  ['x-api-key', 'x-goog-api-key'].forEach((name) => {
    if (headers[name]) keys.push(headers[name].value.trim());
  });
  return keys;
}

function isPlausibleKey(key) {
  if (key.indexOf(KEY_PREFIX) !== 0) return true;
  const rest = key.slice(KEY_PREFIX.length);
  return rest.length === KEY_BODY + KEY_CHECKSUM && rest.slice(KEY_BODY) === checksum(rest.slice(0, KEY_BODY));
}

// CRC-32 (reflected, 0xEDB88320) in base 62, as zlib's.
function checksum(text) {
  let crc = -1;
  for (let index = 0; index < text.length; index += 1) {
    crc ^= text.charCodeAt(index) & 255;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  let rest = (crc ^ -1) >>> 0;
  let out = '';
  for (let digit = 0; digit < KEY_CHECKSUM; digit += 1) {
    out = BASE_62.charAt(rest % 62) + out;
    rest = Math.floor(rest / 62);
  }
  return out;
}

// Whose error object a caller reads: as layers/kit/http/path-envelopes.ts tells, which a test compares.
function dialectOf(path, headers) {
  const under = (prefix) => path.indexOf(prefix) === 0;
  if (under('/' + SETTINGS.publicApiPrefix + '/')) return 'public';
  if (under('/v1/messages') || under('/cc/')) return 'anthropic';
  if (under('/v1beta/')) return 'google';
  if (under('/v1/') || /^\/api\/v1\/(chat|images|models)/.test(path)) {
    if (headers['anthropic-version']) return 'anthropic';
    return headers['x-goog-api-key'] || headers['x-goog-api-client'] ? 'google' : 'openai';
  }
  return under('/api/chat') ? 'chat' : 'union';
}

// What every answer of the API says of itself. Ours is the CDN's id of the request, which the origin never saw.
function answerIds(event) {
  const given = event.request.headers['x-request-id'];
  const ours = event.context.requestId;
  return {
    'x-request-id': { value: given && /^[\w.:=/+-]{1,128}$/.test(given.value) ? given.value : ours },
    'x-sluice-request-id': { value: ours },
    'x-sluice-build': { value: SETTINGS.buildId },
    'server-timing': { value: 'edge' },
  };
}

// As layers/kit/errors/envelopes.ts says them, which a test compares.
function failure(status, description, reader, code, message) {
  const dialect = reader.dialect;
  const requestId = reader.ids['x-sluice-request-id'].value;
  const type = status === 401 ? 'authentication_error' : 'invalid_request_error';
  let body = { error: { message: message, type: type, param: null, code: code } };
  if (dialect === 'anthropic') {
    const name = status === 413 ? 'request_too_large' : type;
    body = { type: 'error', error: { type: name, message: message }, request_id: requestId };
  }
  if (dialect === 'google') {
    const detail = 'type.googleapis.com/google.rpc.';
    body = {
      error: {
        code: status,
        message: message,
        status: status === 401 ? 'UNAUTHENTICATED' : 'INVALID_ARGUMENT',
        details: [
          { '@type': detail + 'ErrorInfo', reason: code.toUpperCase(), domain: 'sluice' },
          { '@type': detail + 'RequestInfo', requestId: requestId },
        ],
      },
    };
  }
  if (dialect === 'public') body = { success: false, msg: message };
  if (dialect === 'chat') body = { success: false, error: message };
  if (dialect === 'union') {
    body = {
      success: false,
      error: message,
      error_code: code.toUpperCase(),
      detail: message,
      message: message,
      request_id: requestId,
    };
    if (reader.path.indexOf('/api/v1/admin/') === 0) body.code = body.error_code;
  }
  if (status === 401) reader.ids['www-authenticate'] = { value: 'Bearer' };
  return answer(status, description, 'application/json', JSON.stringify(body), reader.ids);
}

function answer(status, description, contentType, body, headers) {
  headers['cache-control'] = { value: 'no-store' };
  const response = { statusCode: status, statusDescription: description, headers: headers };
  if (contentType) {
    headers['content-type'] = { value: contentType };
    response.body = { encoding: 'text', data: body };
  }
  return response;
}
