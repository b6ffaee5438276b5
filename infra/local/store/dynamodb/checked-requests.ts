/** Checks of a request's shape and expressions: dynalite's tables of rules, with the members that it does not know. */

import { rules, validations } from './dynalite-modules.ts';
import type { CheckedOperation, Rules } from './dynalite-modules.ts';
import type { EngineStore } from './engine-types.ts';
import { validationFailure } from './failures.ts';

function withOldOnFailure({ types, custom }: Rules): Rules {
  const added = { ReturnValuesOnConditionCheckFailure: { type: 'String', enum: ['ALL_OLD', 'NONE'] } };
  return { types: { ...types, ...added }, custom };
}

const RULES: Record<CheckedOperation, Rules> = {
  ...rules,
  DeleteItem: withOldOnFailure(rules.DeleteItem),
  PutItem: withOldOnFailure(rules.PutItem),
  UpdateItem: withOldOnFailure(rules.UpdateItem),
};

/** Parameters from before expressions (2014): the engine's own condition path would bypass our locks. */
const LEGACY = ['Expected', 'AttributeUpdates', 'ConditionalOperator'];

/**
 * The request with unknown members left out and its expressions parsed into `_condition`, `_updates`, `_filter`,
 * `_projection` and `_keyCondition`. Throws the service's own errors.
 */
export function checkRequest(
  operation: CheckedOperation,
  request: unknown,
  store: EngineStore,
): Record<string, unknown> {
  const { types, custom } = RULES[operation];
  const data = validations.checkTypes(request, types);
  const legacy = LEGACY.find((name) => data[name] !== undefined);
  if (legacy !== undefined) throw validationFailure(`${legacy} is not served here: use expressions`);
  validations.checkValidations(data, types, custom, store);
  return data;
}
