import auth from './zh/auth.json' with { type: 'json' };
import common from './zh/common.json' with { type: 'json' };

/** What is said up to the login and around every page, in Chinese. */
export const chineseStart = { auth, common };
