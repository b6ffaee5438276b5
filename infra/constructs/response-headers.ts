import { Duration } from 'aws-cdk-lib';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import { Construct } from 'constructs';

const TRANSPORT = {
  contentTypeOptions: { override: true },
  strictTransportSecurity: { accessControlMaxAge: Duration.days(730), includeSubdomains: true, override: true },
} as const satisfies cloudfront.ResponseSecurityHeadersBehavior;

/** Mantine sets element styles, hence 'unsafe-inline' for styles alone; scripts come from our own files only. */
const CONSOLE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** What every answer of a surface carries, whatever its origin says. */
export class ResponseHeaders extends Construct {
  /** Data plane. Which other origins may call it is a setting at run time, so the relay answers that by itself. */
  readonly dataPlane: cloudfront.ResponseHeadersPolicy;
  /** Control plane: same origin only. */
  readonly controlPlane: cloudfront.ResponseHeadersPolicy;
  readonly media: cloudfront.ResponseHeadersPolicy;
  readonly console: cloudfront.ResponseHeadersPolicy;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.dataPlane = new cloudfront.ResponseHeadersPolicy(this, 'DataPlane', {
      comment: 'Sluice data plane',
      securityHeadersBehavior: TRANSPORT,
    });
    this.controlPlane = new cloudfront.ResponseHeadersPolicy(this, 'ControlPlane', {
      comment: 'Sluice control plane',
      securityHeadersBehavior: {
        ...TRANSPORT,
        frameOptions: { frameOption: cloudfront.HeadersFrameOption.DENY, override: true },
        referrerPolicy: { referrerPolicy: cloudfront.HeadersReferrerPolicy.SAME_ORIGIN, override: true },
      },
    });
    this.media = new cloudfront.ResponseHeadersPolicy(this, 'Media', {
      comment: 'Sluice media',
      securityHeadersBehavior: {
        ...TRANSPORT,
        contentSecurityPolicy: { contentSecurityPolicy: "sandbox; default-src 'none'", override: true },
      },
      // Chat pages of any origin show the images; that is what the address is for.
      customHeadersBehavior: {
        customHeaders: [{ header: 'Cross-Origin-Resource-Policy', value: 'cross-origin', override: true }],
      },
    });
    this.console = new cloudfront.ResponseHeadersPolicy(this, 'Console', {
      comment: 'Sluice console',
      securityHeadersBehavior: {
        ...TRANSPORT,
        contentSecurityPolicy: { contentSecurityPolicy: CONSOLE_POLICY, override: true },
        frameOptions: { frameOption: cloudfront.HeadersFrameOption.DENY, override: true },
        referrerPolicy: { referrerPolicy: cloudfront.HeadersReferrerPolicy.SAME_ORIGIN, override: true },
      },
      customHeadersBehavior: {
        customHeaders: [
          { header: 'Cross-Origin-Opener-Policy', value: 'same-origin', override: true },
          { header: 'Cross-Origin-Resource-Policy', value: 'same-origin', override: true },
          { header: 'Permissions-Policy', value: 'camera=(), microphone=(), geolocation=()', override: true },
        ],
      },
    });
  }
}
