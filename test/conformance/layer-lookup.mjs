// What Lambda's Node.js runtimes add to Node itself: ES modules, too, are looked for in the directories of NODE_PATH,
// which is where a layer's packages are (`/opt/nodejs/node_modules`).
// https://aws.amazon.com/blogs/compute/node-js-18-x-runtime-now-available-in-aws-lambda/ ("Support for ES module
// resolution using NODE_PATH")
import { registerHooks } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const places = (process.env['NODE_PATH'] ?? '').split(delimiter).filter(Boolean);

registerHooks({
  resolve(specifier, context, nextResolve) {
    try {
      return nextResolve(specifier, context);
    } catch (error) {
      if (error.code !== 'ERR_MODULE_NOT_FOUND' || /^(?:[./]|\w+:)/.test(specifier)) throw error;
      for (const place of places) {
        const found = resolveIn(place, specifier, context, nextResolve);
        if (found !== null) return found;
      }
      throw error;
    }
  },
});

/** Node's own rules (exports maps and all), as if the importing module lay beside this `node_modules`. */
function resolveIn(place, specifier, context, nextResolve) {
  const parentURL = pathToFileURL(join(dirname(place), 'importer.mjs')).href;
  try {
    const found = nextResolve(specifier, { ...context, parentURL });
    return found.url.startsWith(`${pathToFileURL(place).href}/`) ? found : null;
  } catch (error) {
    if (error.code === 'ERR_MODULE_NOT_FOUND') return null;
    throw error;
  }
}
