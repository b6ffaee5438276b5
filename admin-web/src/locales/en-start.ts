import auth from './en/auth.json' with { type: 'json' };
import common from './en/common.json' with { type: 'json' };

/** What is said up to the login and around every page, in English. */
export const englishStart = { auth, common };
