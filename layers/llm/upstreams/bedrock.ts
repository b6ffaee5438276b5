import { GatewayError, isGatewayError } from '@sluice/kit/errors/gateway-error';
import { readBaseUrl, refuseUnless, unknownOperation } from './base-url.ts';
import { PLAIN_BODY, type BodyQuirks, type UpstreamOperation, type Vendor } from './vendor.ts';

/**
 * Amazon Bedrock: Converse for any model, InvokeModel for Anthropic's own format. Signed with the function's role (kind
 * `aws_role`, whose secret names the region, or leaves it to the host name), or with a Bedrock API key.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
 * https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages.html
 */
export const bedrock: Vendor = (addressing) => {
  const refusal = refuseUnless(addressing, { formats: Object.keys(PATHS), kinds: ['aws_role', 'api_key'] });
  if (refusal) return refusal;
  const base = readBaseUrl(addressing);
  if (isGatewayError(base)) return base;
  const { upstream, format, credentialKind, secret } = addressing;
  const isSigned = credentialKind === 'aws_role';
  const region = REGION_OF_HOST.exec(base.hostname)?.[1] ?? secret.trim();
  if (isSigned && !REGION.test(region)) {
    return new GatewayError('upstream_error', {
      message: `The region of upstream "${upstream}" is neither in its host name nor the secret of its credential.`,
    });
  }
  const paths = PATHS[format] ?? {};
  const isWrapped = format === 'anthropic-messages';
  const headers: Record<string, string> = isSigned ? {} : { authorization: `Bearer ${secret}` };
  return {
    framing: isWrapped ? 'aws-event-stream-wrapped' : 'aws-event-stream',
    body: isWrapped ? INVOKE_BODY : PLAIN_BODY,
    address({ operation, model }) {
      const path = paths[operation];
      if (path === undefined) throw unknownOperation(upstream, operation);
      return {
        origin: base.origin,
        path: `${base.path}/model/${encodeURIComponent(model)}${path}${base.query}`,
        headers,
        signing: isSigned ? { service: 'bedrock', region } : null,
      };
    },
  };
};

const REGION = /^[a-z]{2,}(?:-[a-z]+)+-\d+$/;
/** Public, dual-stack and VPC endpoints: https://docs.aws.amazon.com/general/latest/gr/bedrock.html */
const REGION_OF_HOST =
  /(?:^|\.)bedrock-runtime(?:-fips)?\.([a-z0-9-]+)\.(?:(?:vpce\.)?amazonaws\.(?:com|com\.cn|eu)|api\.aws)$/;

const PATHS: Partial<Record<string, Partial<Record<UpstreamOperation, string>>>> = {
  'bedrock-converse': { generate: '/converse', stream: '/converse-stream' },
  'anthropic-messages': { generate: '/invoke', stream: '/invoke-with-response-stream' },
};

const INVOKE_BODY: BodyQuirks = {
  without: ['model', 'stream'],
  members: { anthropic_version: 'bedrock-2023-05-31' },
};
