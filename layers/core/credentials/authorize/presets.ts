/**
 * Authorization servers with the words of their own documentation. The client is the operators' own everywhere; whoever
 * is not listed is set up by hand, since nothing but RFC 6749 and RFC 7636 is needed.
 */
export interface OAuthPreset {
  name: string;
  title: string;
  /** Where all this is said. */
  documentation: string;
  tokenUrl: string;
  authorizeUrl: string;
  scope: string | null;
  clientAuth: 'body' | 'basic';
  /** Further members of the authorization request. */
  authorizeExtra: Record<string, string>;
  /** What has to be known besides. */
  note: string;
}

export const OAUTH_PRESETS: readonly OAuthPreset[] = [
  {
    name: 'google',
    title: 'Google (Gemini API)',
    documentation: 'https://developers.google.com/identity/protocols/oauth2/web-server',
    tokenUrl: 'https://oauth2.googleapis.com/token',
    authorizeUrl: 'https://accounts.google.com/o/oauth2/v2/auth',
    // https://ai.google.dev/gemini-api/docs/oauth
    scope:
      'openid email https://www.googleapis.com/auth/cloud-platform https://www.googleapis.com/auth/generative-language.retriever',
    clientAuth: 'body',
    authorizeExtra: { access_type: 'offline', prompt: 'consent' },
    note: 'A client of the type desktop application, of a project of yours with the Generative Language API on.',
  },
  {
    name: 'microsoft',
    title: 'Microsoft Entra ID (Azure OpenAI)',
    documentation: 'https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-auth-code-flow',
    tokenUrl: 'https://login.microsoftonline.com/organizations/oauth2/v2.0/token',
    authorizeUrl: 'https://login.microsoftonline.com/organizations/oauth2/v2.0/authorize',
    // https://learn.microsoft.com/en-us/azure/ai-services/authentication
    scope: 'openid email offline_access https://cognitiveservices.azure.com/.default',
    clientAuth: 'body',
    authorizeExtra: {},
    note: 'organizations may be replaced by the id of your tenant.',
  },
  {
    name: 'github',
    title: 'GitHub (GitHub App)',
    documentation:
      'https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app',
    tokenUrl: 'https://github.com/login/oauth/access_token',
    authorizeUrl: 'https://github.com/login/oauth/authorize',
    scope: null,
    clientAuth: 'body',
    authorizeExtra: {},
    note: 'A GitHub App of yours with expiring user tokens; it needs its client secret.',
  },
];
