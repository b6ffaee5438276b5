import account from './zh/account.json' with { type: 'json' };
import alerts from './zh/alerts.json' with { type: 'json' };
import audit from './zh/audit.json' with { type: 'json' };
import credentials from './zh/credentials.json' with { type: 'json' };
import guide from './zh/guide.json' with { type: 'json' };
import system from './zh/system.json' with { type: 'json' };
import importing from './zh/import.json' with { type: 'json' };
import keys from './zh/keys.json' with { type: 'json' };
import models from './zh/models.json' with { type: 'json' };
import overview from './zh/overview.json' with { type: 'json' };
import plan from './zh/plan.json' with { type: 'json' };
import playground from './zh/playground.json' with { type: 'json' };
import plans from './zh/plans.json' with { type: 'json' };
import settings from './zh/settings.json' with { type: 'json' };
import usage from './zh/usage.json' with { type: 'json' };
import users from './zh/users.json' with { type: 'json' };

/** The texts of the pages behind the login in Chinese, by feature. */
export const chinese = {
  account,
  alerts,
  audit,
  credentials,
  guide,
  system,
  import: importing,
  keys,
  models,
  overview,
  plan,
  plans,
  playground,
  settings,
  usage,
  users,
};
