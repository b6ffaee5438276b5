// CloudFront Function (cloudfront-js-2.0), viewer response, on the behaviour of media. CloudFront runs it for answers
// below 400 that come from the origin or from its cache.
// Written in the runtime's subset: no destructuring, no for-of, no default parameters, no optional chaining.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html

const NAMED = /^\/images\/([1-9][0-9]{9})\//;
const UPLOADED = /^\/images\/upload-([0-9a-f]{8})-/;

// What the object says of itself was true when it was written. A viewer may keep it for as long as is left now.
// oxlint-disable-next-line no-unused-vars -- CloudFront calls it by this name
function handler(event) {
  const headers = event.response.headers;
  const named = NAMED.exec(event.request.uri);
  const uploaded = named ? null : UPLOADED.exec(event.request.uri);
  const expiry = named ? Number(named[1]) : uploaded ? parseInt(uploaded[1], 16) : 0;
  const left = Math.max(0, Math.floor(expiry - Date.now() / 1000));
  headers['cache-control'] = { value: left > 0 ? 'public, max-age=' + left : 'no-store' };
  delete headers.expires;
  headers['access-control-allow-origin'] = { value: '*' };
  headers['access-control-expose-headers'] = { value: 'content-length, content-range, etag' };
  return event.response;
}
