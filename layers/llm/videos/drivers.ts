import type { VideoDialect, VideoDriver } from './driver.ts';
import { OPENAI_VIDEOS } from './openai-driver.ts';
import { XAI_VIDEOS } from './xai-driver.ts';

export const VIDEO_DRIVERS: Readonly<Record<VideoDialect, VideoDriver>> = { openai: OPENAI_VIDEOS, xai: XAI_VIDEOS };
