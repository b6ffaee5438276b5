import { OpenAiError } from '../openai-error.ts';
import { parseBody } from '../answer.ts';
import { isObject } from '../schema-value.ts';

/** A picture that came with a request: its bytes, or where it would be fetched from. */
export interface GivenFile {
  /** Null where only an address was given. */
  bytes: Buffer | null;
  url: string | null;
  name: string | null;
}

/** The fields of a request, however it was written. */
export interface Fields {
  /** A form's fields are texts. */
  isForm: boolean;
  values: Readonly<Record<string, unknown>>;
  files: ReadonlyMap<string, readonly GivenFile[]>;
}

/** Reads JSON, or the fields and files of a form. */
export async function readFields(body: Buffer, contentType: string): Promise<Fields> {
  if (!contentType.startsWith('multipart/form-data')) {
    const values = parseBody(body);
    if (!isObject(values)) throw new OpenAiError({ status: 400, message: 'The request body is not an object.' });
    return { isForm: false, values, files: new Map() };
  }
  const form = await readForm(body, contentType);
  const values: Record<string, unknown> = {};
  const files = new Map<string, GivenFile[]>();
  for (const [name, value] of form) {
    if (typeof value === 'string') {
      values[name] = value;
      continue;
    }
    const bytes = Buffer.from(await value.arrayBuffer());
    const plain = name.replace(/\[\]$/, '');
    files.set(plain, [...(files.get(plain) ?? []), { bytes, url: null, name: value.name }]);
  }
  return { isForm: true, values, files };
}

async function readForm(body: Buffer, contentType: string): Promise<FormData> {
  try {
    return await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData();
  } catch {
    throw new OpenAiError({ status: 400, message: 'Could not parse multipart form.' });
  }
}

export function refuse(param: string, message: string, code?: string): never {
  throw new OpenAiError({ status: 400, message, param, ...(code !== undefined && { code }) });
}

export function requiredText({ values }: Fields, name: string): string {
  const value = values[name];
  if (typeof value === 'string' && value !== '') return value;
  if (value === undefined || value === null || value === '') {
    refuse(name, `Missing required parameter: '${name}'.`, 'missing_required_parameter');
  }
  return refuse(name, `Invalid type for '${name}': expected a string.`, 'invalid_type');
}

/** A whole number between bounds; a form's is a text. */
export function wholeNumber(
  { values, isForm }: Fields,
  name: string,
  { least, most, usual }: { least: number; most: number; usual: number },
): number {
  const given = values[name];
  if (given === undefined || given === null) return usual;
  const number = isForm ? Number(given) : given;
  if (typeof number !== 'number' || !Number.isInteger(number)) {
    refuse(name, `Invalid type for '${name}': expected an integer.`, 'invalid_type');
  }
  if (number < least) refuse(name, `Invalid '${name}': integer below minimum value.`, 'integer_below_min_value');
  if (number > most) refuse(name, `Invalid '${name}': integer above maximum value.`, 'integer_above_max_value');
  return number;
}

export function flag({ values, isForm }: Fields, name: string): boolean {
  const given = values[name];
  if (given === undefined || given === null) return false;
  if (isForm && (given === 'true' || given === 'false')) return given === 'true';
  if (typeof given !== 'boolean') refuse(name, `Invalid type for '${name}': expected a boolean.`, 'invalid_type');
  return given;
}

/** One of a list; the first where nothing is said. */
export function oneOf<T extends string>({ values }: Fields, name: string, known: readonly [T, ...T[]]): T {
  const given = values[name];
  if (given === undefined || given === null) return known[0];
  const found = known.find((value) => value === given);
  if (found !== undefined) return found;
  const list = known.map((value) => `'${value}'`).join(', ');
  return refuse(name, `Invalid value: '${String(given)}'. Supported values are: ${list}.`, 'invalid_value');
}

export function rejectUnknown({ values }: Fields, known: ReadonlySet<string>): void {
  const unknown = Object.keys(values).find((name) => !known.has(name));
  if (unknown !== undefined) refuse(unknown, `Unknown parameter: '${unknown}'.`, 'unknown_parameter');
}

/** An address as vendors take it: `data:` with base64, or http. */
export function fileAt(url: unknown, param: string): GivenFile {
  if (typeof url !== 'string') refuse(param, `Invalid type for '${param}': expected a string.`, 'invalid_type');
  const data = /^data:([\w.+-]+\/[\w.+-]+);base64,/.exec(url);
  if (data) return { bytes: Buffer.from(url.slice(data[0].length), 'base64'), url: null, name: null };
  if (!/^https?:\/\//.test(url)) refuse(param, `Invalid '${param}': expected a URL or a data URL.`, 'invalid_value');
  return { bytes: null, url, name: null };
}

const IMAGE_STARTS = ['89504e47', 'ffd8ff', '52494646', '47494638'];

/** The vendors look into what they are given. */
export function requireImage(file: GivenFile, param: string): void {
  if (file.bytes === null) return;
  const start = file.bytes.toString('hex', 0, 8);
  if (IMAGE_STARTS.some((known) => start.startsWith(known))) return;
  refuse(param, 'Invalid image file or mode for image, please check your image file.', 'invalid_image_file');
}
