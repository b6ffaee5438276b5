import account from './en/account.json' with { type: 'json' };
import alerts from './en/alerts.json' with { type: 'json' };
import apiReader from './en/api-reader.json' with { type: 'json' };
import audit from './en/audit.json' with { type: 'json' };
import credential from './en/credential.json' with { type: 'json' };
import connect from './en/connect.json' with { type: 'json' };
import credentials from './en/credentials.json' with { type: 'json' };
import guide from './en/guide.json' with { type: 'json' };
import system from './en/system.json' with { type: 'json' };
import importing from './en/import.json' with { type: 'json' };
import keys from './en/keys.json' with { type: 'json' };
import conversations from './en/conversations.json' with { type: 'json' };
import media from './en/media.json' with { type: 'json' };
import machineSecrets from './en/machine-secrets.json' with { type: 'json' };
import models from './en/models.json' with { type: 'json' };
import overview from './en/overview.json' with { type: 'json' };
import plan from './en/plan.json' with { type: 'json' };
import playground from './en/playground.json' with { type: 'json' };
import plans from './en/plans.json' with { type: 'json' };
import settings from './en/settings.json' with { type: 'json' };
import turns from './en/turns.json' with { type: 'json' };
import sharing from './en/sharing.json' with { type: 'json' };
import usage from './en/usage.json' with { type: 'json' };
import users from './en/users.json' with { type: 'json' };

/** The texts of the pages behind the login in English, by feature. */
export const english = {
  account,
  alerts,
  apiReader,
  audit,
  conversations,
  credential,
  connect,
  credentials,
  guide,
  system,
  import: importing,
  keys,
  media,
  machineSecrets,
  models,
  overview,
  plan,
  plans,
  playground,
  settings,
  turns,
  sharing,
  usage,
  users,
};
