/** Jest runs a hook once for each file that is named, whichever projects name it: the second adapter needs one of its own. */
export { default } from './global-setup.ts';
