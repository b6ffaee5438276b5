import { GEMINI_IMAGE_DRIVER } from '../formats/gemini/image-driver.ts';
import { OPENAI_IMAGE_DRIVER } from '../formats/openai-images/openai-driver.ts';
import { XAI_IMAGE_DRIVER } from '../formats/openai-images/xai-driver.ts';
import type { ImageDialect, ImageDriver } from './driver.ts';

const DRIVERS: Readonly<Record<ImageDialect, ImageDriver>> = {
  openai: OPENAI_IMAGE_DRIVER,
  xai: XAI_IMAGE_DRIVER,
  gemini: GEMINI_IMAGE_DRIVER,
};

export function imageDriverOf(dialect: ImageDialect): ImageDriver {
  return DRIVERS[dialect];
}
