import { GatewayError } from '@sluice/kit/errors/gateway-error';
import type { OutputCapField } from '../formats/wire-format.ts';
import type { VendorAddress } from './vendor.ts';

/** `POST <base>/chat/completions` with `authorization: Bearer`: OpenAI and everybody who copied it. */
export function createBearerChat(outputCapField: OutputCapField): VendorAddress {
  return ({ upstream, baseUrl, format, credentialKind, secret }) => {
    if (format !== 'openai-chat') {
      return new GatewayError('upstream_error', {
        message: `Upstream "${upstream}" speaks ${format}, which chat completions cannot be sent to.`,
      });
    }
    if (credentialKind !== 'api_key') {
      return new GatewayError('upstream_error', {
        message: `Upstream "${upstream}" takes credentials of kind api_key, and this one is of kind ${credentialKind}.`,
      });
    }
    if (!URL.canParse(baseUrl)) {
      return new GatewayError('upstream_error', { message: `The base URL of upstream "${upstream}" is not a URL.` });
    }
    const url = new URL(baseUrl);
    url.pathname = `${url.pathname.replace(/\/+$/, '')}/chat/completions`;
    return { url, headers: { authorization: `Bearer ${secret}` }, outputCapField };
  };
}
