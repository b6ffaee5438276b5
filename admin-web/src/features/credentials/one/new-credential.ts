import { displayName } from '@sluice/contract/names';
import type { NewCredentialInput } from './api/create-credential.ts';
import { secretFault, secretInput, NO_SECRET, type SecretValues } from './secret-values.ts';
import { changeBetween, faultySettings, NEW_SETTINGS, type SettingsValues } from './settings-values.ts';
import type { Way } from './vendors.ts';

export interface NewCredential extends SecretValues, SettingsValues {
  way: Way;
  name: string;
}

export function emptyCredential(way: Way): NewCredential {
  return { ...NO_SECRET, ...NEW_SETTINGS, way, name: '' };
}

/** Names of the fields that are not as they should be, by the contract's own schemas. */
export function faultyFields(values: NewCredential): Set<string> {
  const faulty = faultySettings(values);
  const name = values.name.trim();
  // Whoever signs in gives the name where none was chosen.
  if (!(values.way === 'sign_in' && name === '') && !displayName.safeParse(name).success) faulty.add('name');
  const secret = secretFault(values.way, values);
  if (secret !== null) faulty.add(secret);
  return faulty;
}

/** What is sent, without what was typed for another way. */
export function inputOf(upstream: string, values: NewCredential): NewCredentialInput {
  const kind = values.way === 'sign_in' || values.way === 'refresh_token' ? 'oauth' : values.way;
  const { bizId, clientId, ...settings } = changeBetween(NEW_SETTINGS, values);
  return {
    upstream,
    name: values.name.trim(),
    kind,
    ...secretInput(values.way, values),
    ...settings,
    ...(kind === 'oauth' && bizId ? { bizId } : {}),
    ...(kind === 'oauth' && clientId ? { clientId } : {}),
  };
}
