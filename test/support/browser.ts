import packaged from '@sparticuz/chromium';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import type { Ready } from './stack.ts';

/** Who looks, and at what. */
export interface Look {
  screen: 'desktop' | 'phone';
  scheme: 'light' | 'dark';
  language: 'en' | 'zh';
}

const SCREENS = {
  desktop: { viewport: { width: 1440, height: 900 } },
  phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 },
} as const;

const LOCALES = { en: 'en-US', zh: 'zh-CN' } as const;

/** Every way in which a page is looked at. */
export const LOOKS: readonly Look[] = (['desktop', 'phone'] as const).flatMap((screen) =>
  (['light', 'dark'] as const).flatMap((scheme) =>
    (['en', 'zh'] as const).map((language) => ({ screen, scheme, language })),
  ),
);

export const DESK: Look = { screen: 'desktop', scheme: 'light', language: 'en' };

/**
 * The Chromium that comes from the package registry, which takes libnss3 from the system; `CHROMIUM_PATH` names another.
 * There is no sandbox of processes around it: it sees nothing but the local stack.
 */
export async function startBrowser(): Promise<Browser> {
  const executablePath = process.env['CHROMIUM_PATH'] ?? (await packaged.executablePath());
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

/** A visitor of their own: no cookies, no storage. */
export function visit(browser: Browser, ready: Pick<Ready, 'url'>, look: Look = DESK): Promise<BrowserContext> {
  return browser.newContext({
    ...SCREENS[look.screen],
    baseURL: ready.url,
    colorScheme: look.scheme,
    locale: LOCALES[look.language],
    reducedMotion: 'reduce',
  });
}

/** Faults that the page itself told: exceptions, and what it logged as an error. */
export function watchForFaults(page: Page): string[] {
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    // That nobody is logged in yet is asked, and answered by 401, on purpose.
    if (message.type() === 'error' && !message.text().includes('401')) faults.push(message.text());
  });
  return faults;
}

/** Logs in as people do, and waits until a page of the console is there. */
export async function logIn(page: Page, who: { username: string; password: string }): Promise<void> {
  await page.goto('/login');
  await page.locator('input[autocomplete="username"]').fill(who.username);
  await page.locator('input[autocomplete="current-password"]').fill(who.password);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => !url.pathname.startsWith('/login'));
  await page.locator('main h1').first().waitFor();
}

/** Nothing is being fetched and nothing stands in for what is to come. */
export async function settled(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle');
  await page.locator('[role="status"][aria-busy="true"]').first().waitFor({ state: 'detached' });
}
