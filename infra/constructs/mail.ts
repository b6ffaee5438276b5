import { Stack } from 'aws-cdk-lib';
import { ENVIRONMENT } from '../../layers/aws/names.ts';
import type { Settings } from '../config.ts';
import type { GatewayFunction } from './gateway-function.ts';

/** The sender's address, and the right to send as its domain, which is a verified identity of SES. Nothing without one. */
export function grantMail(target: GatewayFunction, settings: Settings): void {
  const { mailFrom } = settings;
  if (mailFrom === undefined) return;
  const domain = mailFrom.slice(mailFrom.lastIndexOf('@') + 1).toLowerCase();
  const identity = { service: 'ses', resource: 'identity', resourceName: domain };
  target.grant({
    actions: ['ses:SendEmail'],
    resources: [Stack.of(target).formatArn(identity)],
    environment: { [ENVIRONMENT.mailSender]: mailFrom },
  });
}
