import account from './zh/account.json' with { type: 'json' };
import alerts from './zh/alerts.json' with { type: 'json' };
import apiReader from './zh/api-reader.json' with { type: 'json' };
import audit from './zh/audit.json' with { type: 'json' };
import credential from './zh/credential.json' with { type: 'json' };
import connect from './zh/connect.json' with { type: 'json' };
import credentials from './zh/credentials.json' with { type: 'json' };
import guide from './zh/guide.json' with { type: 'json' };
import system from './zh/system.json' with { type: 'json' };
import importing from './zh/import.json' with { type: 'json' };
import keys from './zh/keys.json' with { type: 'json' };
import conversations from './zh/conversations.json' with { type: 'json' };
import media from './zh/media.json' with { type: 'json' };
import machineSecrets from './zh/machine-secrets.json' with { type: 'json' };
import models from './zh/models.json' with { type: 'json' };
import overview from './zh/overview.json' with { type: 'json' };
import plan from './zh/plan.json' with { type: 'json' };
import playground from './zh/playground.json' with { type: 'json' };
import plans from './zh/plans.json' with { type: 'json' };
import settings from './zh/settings.json' with { type: 'json' };
import turns from './zh/turns.json' with { type: 'json' };
import sharing from './zh/sharing.json' with { type: 'json' };
import usage from './zh/usage.json' with { type: 'json' };
import users from './zh/users.json' with { type: 'json' };

/** The texts of the pages behind the login in Chinese, by feature. */
export const chinese = {
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
