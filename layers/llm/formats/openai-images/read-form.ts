import { parseMultipart, type MultipartPart } from '@sluice/kit/http/multipart';
import type { ImageInput } from '../../images/image.ts';
import type { JsonObject } from '../../neutral/json.ts';
import { checkPicture } from './check-picture.ts';
import { readReference } from './read-inputs.ts';

/** A form of the edits endpoint: its plain fields as a JSON body would have them, and its pictures. */
export interface ImageForm {
  fields: JsonObject;
  images: ImageInput[];
  mask: ImageInput | null;
}

const IMAGE_FIELD = /^images?(?:\[\d*\])?$/;
const MASK_FIELD = /^mask(?:\[\d*\])?$/;

/**
 * `multipart/form-data`, as OpenAI's SDKs send it: `image` or `image[]` once or more, `mask`, and texts.
 * @throws GatewayError `bad_request`, `empty_file`, `file_too_large`, `invalid_image_type`
 */
export function readForm(body: Buffer, contentType: string): ImageForm {
  const form: ImageForm = { fields: {}, images: [], mask: null };
  for (const part of parseMultipart(body, contentType)) {
    if (IMAGE_FIELD.test(part.name)) form.images.push(readPicture(part, `image[${form.images.length}]`));
    else if (MASK_FIELD.test(part.name)) form.mask = readPicture(part, 'mask');
    else if (part.filename === null) form.fields[part.name.replace(/\[\]$/, '')] = part.bytes.toString('utf8');
  }
  return form;
}

/** A file, or in its place the text of an address. */
function readPicture({ filename, contentType, bytes }: MultipartPart, path: string): ImageInput {
  if (filename === null && contentType === null) return readReference(bytes.toString('utf8'), path);
  return checkPicture({ bytes, said: contentType, name: filename ?? '', path });
}
