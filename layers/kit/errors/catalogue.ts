/**
 * Every error that can leave Sluice: its code, status and whether the same call may succeed later.
 * `type` is the word OpenAI's SDKs read in `error.type`; other dialects map from the status.
 */
export const ERROR_CATALOGUE = {
  bad_request: { status: 400, type: 'invalid_request_error', retryable: false },
  invalid_json: { status: 400, type: 'invalid_request_error', retryable: false },
  invalid_field: { status: 400, type: 'invalid_request_error', retryable: false },
  missing_key: { status: 401, type: 'authentication_error', retryable: false },
  invalid_api_key: { status: 401, type: 'authentication_error', retryable: false },
  key_disabled: { status: 401, type: 'authentication_error', retryable: false },
  key_expired: { status: 401, type: 'authentication_error', retryable: false },
  account_disabled: { status: 403, type: 'permission_error', retryable: false },
  account_silenced: { status: 403, type: 'permission_error', retryable: false },
  invalid_credentials: { status: 401, type: 'authentication_error', retryable: false },
  missing_session: { status: 401, type: 'authentication_error', retryable: false },
  session_expired: { status: 401, type: 'authentication_error', retryable: false },
  invalid_token: { status: 401, type: 'authentication_error', retryable: false },
  token_expired: { status: 401, type: 'authentication_error', retryable: false },
  invalid_session: { status: 401, type: 'authentication_error', retryable: false },
  forbidden: { status: 403, type: 'permission_error', retryable: false },
  origin_refused: { status: 403, type: 'permission_error', retryable: false },
  model_not_allowed: { status: 403, type: 'permission_error', retryable: false },
  model_not_found: { status: 404, type: 'invalid_request_error', retryable: false },
  not_found: { status: 404, type: 'invalid_request_error', retryable: false },
  method_not_allowed: { status: 405, type: 'invalid_request_error', retryable: false },
  conflict: { status: 409, type: 'invalid_request_error', retryable: false },
  body_too_large: { status: 413, type: 'invalid_request_error', retryable: false },
  unsupported_media_type: { status: 415, type: 'invalid_request_error', retryable: false },
  rate_limit_exceeded: { status: 429, type: 'rate_limit_error', retryable: true },
  daily_quota_exceeded: { status: 429, type: 'rate_limit_error', retryable: false },
  insufficient_quota: { status: 429, type: 'insufficient_quota', retryable: false },
  internal_error: { status: 500, type: 'server_error', retryable: true },
  upstream_error: { status: 502, type: 'upstream_error', retryable: true },
  upstream_unreachable: { status: 502, type: 'upstream_error', retryable: true },
  upstream_credential_refused: { status: 502, type: 'upstream_error', retryable: false },
  upstream_cut: { status: 502, type: 'upstream_error', retryable: true },
  upstream_address_refused: { status: 502, type: 'upstream_error', retryable: false },
  no_credential: { status: 503, type: 'server_error', retryable: true },
  store_unavailable: { status: 503, type: 'server_error', retryable: true },
  upstream_timeout: { status: 504, type: 'upstream_error', retryable: true },
} as const satisfies Record<string, { status: number; type: string; retryable: boolean }>;

export type ErrorCode = keyof typeof ERROR_CATALOGUE;
