import { RemovalPolicy } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { SECRETS, type SecretContext } from '../../layers/aws/names.ts';
import { acknowledge } from './acknowledge.ts';
import type { GatewayFunction } from './gateway-function.ts';

/** What each secret's JSON looks like when it is generated (layers/aws/names.ts says what it is for). */
const SHAPES: Record<SecretContext, { readonly template: object; readonly key: string; readonly characters: number }> =
  {
    origin: { template: { previous: '' }, key: 'current', characters: 48 },
    pepper: { template: {}, key: 'v1', characters: 48 },
    signingSeed: { template: {}, key: 'v1', characters: 48 },
    vaultSeed: { template: {}, key: 'v1', characters: 48 },
    bootstrapAdmin: { template: { username: 'admin' }, key: 'password', characters: 24 },
  };

/** Why none is replaced by a timer. */
const NOT_ROTATED: Record<SecretContext, string> = {
  origin: 'it changes together with the distribution that sends it, by a deployment',
  pepper: 'a new one is a new version beside the old ones, which stored digests of keys still need',
  signingSeed: 'a new one is a new version beside the old ones, which tokens in use still need',
  vaultSeed: 'a new one is a new version beside the old ones, which sealed credentials still need',
  bootstrapAdmin: 'the first password is changed at its first use',
};

/** The five secrets of architecture.md §4: generated at deploy, never in the template, retained. */
export class Secrets extends Construct {
  private readonly secrets: ReadonlyMap<SecretContext, secretsmanager.Secret>;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.secrets = new Map(
      (Object.keys(SECRETS) as SecretContext[]).map((context) => [context, this.createSecret(context)]),
    );
  }

  /** Gives the right to read and the secret's address in one call. */
  grant(target: GatewayFunction, ...contexts: readonly SecretContext[]): void {
    for (const context of contexts) {
      const { secretArn } = this.secret(context);
      target.grant({
        actions: ['secretsmanager:GetSecretValue'],
        resources: [secretArn],
        environment: { [SECRETS[context].environmentName]: secretArn },
      });
    }
  }

  /** What the CDN sends with every call to a function: a reference that CloudFormation resolves, not the value. */
  originHeaderValue(): string {
    return this.secret('origin').secretValueFromJson('current').unsafeUnwrap();
  }

  arn(context: SecretContext): string {
    return this.secret(context).secretArn;
  }

  private secret(context: SecretContext): secretsmanager.Secret {
    const secret = this.secrets.get(context);
    if (secret === undefined) throw new Error(`no secret ${context}`);
    return secret;
  }

  private createSecret(context: SecretContext): secretsmanager.Secret {
    const shape = SHAPES[context];
    const secret = new secretsmanager.Secret(this, SECRETS[context].id, {
      description: `Sluice ${SECRETS[context].id}`,
      generateSecretString: {
        secretStringTemplate: JSON.stringify(shape.template),
        generateStringKey: shape.key,
        passwordLength: shape.characters,
        excludePunctuation: true,
      },
      removalPolicy: RemovalPolicy.RETAIN,
    });
    // Another logical id is another secret: stored keys and sealed credentials could no longer be read.
    (secret.node.defaultChild as secretsmanager.CfnSecret).overrideLogicalId(SECRETS[context].id);
    acknowledge(secret, { 'AwsSolutions-SMG4': NOT_ROTATED[context] });
    return secret;
  }
}
