import { SETTING_NAMES, SETTINGS, type SettingName } from '@sluice/contract/settings';
import { z } from 'zod';

/** How a setting is edited. `json`: a structure that has no field of its own kind. */
export type SettingKind =
  | { kind: 'switch' }
  | { kind: 'number' }
  | { kind: 'choice'; options: readonly string[] }
  | { kind: 'words' }
  | { kind: 'text' }
  | { kind: 'json' };

/** Of a setting that this console knows by its schema, else of one that the gateway has beyond it, by its value. */
export function kindOf(key: string, value: unknown): SettingKind {
  const name = SETTING_NAMES.find((known) => known === key);
  const schema = name === undefined ? null : schemaOf(name);
  if (schema instanceof z.ZodEnum) return { kind: 'choice', options: schema.options.map(String) };
  if (typeof value === 'boolean') return { kind: 'switch' };
  if (typeof value === 'number') return { kind: 'number' };
  if (typeof value === 'string') return { kind: 'text' };
  const isWords = schema instanceof z.ZodArray && isText(schema.element);
  return isWords ? { kind: 'words' } : { kind: 'json' };
}

function schemaOf(name: SettingName): z.ZodType {
  return SETTINGS[name].schema;
}

function isText(schema: unknown): boolean {
  if (schema instanceof z.ZodUnion) return schema.options.every(isText);
  return schema instanceof z.ZodString || schema instanceof z.ZodLiteral || schema instanceof z.ZodStringFormat;
}

/** What is wrong with a value, as the API would say it; null: nothing, or nothing that is known here. */
export function faultOf(key: string, value: unknown): string | null {
  const name = SETTING_NAMES.find((known) => known === key);
  if (name === undefined) return null;
  const parsed = schemaOf(name).safeParse(value);
  if (parsed.success) return null;
  const [issue] = parsed.error.issues;
  if (issue === undefined) return null;
  return issue.path.length === 0 ? issue.message : `${issue.path.join('.')}: ${issue.message}`;
}
