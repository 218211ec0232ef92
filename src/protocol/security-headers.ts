/**
 * What every HTTP answer says to browsers, unless a route says otherwise: that it is data for the caller alone, and neither
 * a page, nor a script, nor something to keep. (OWASP REST Security Cheat Sheet, "Security Headers"; OWASP HTTP Headers
 * Cheat Sheet.)
 */
export const SECURITY_HEADERS = {
  // Most answers belong to whoever holds the token; those that may be kept say so themselves.
  'cache-control': 'no-store',
  // Opened as a page, it loads nothing, runs nothing, and stands in no frame (CSP 3 §6.1.3, §6.4.2).
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  // No page of another site takes it in as an image or a script (Fetch, CORP check); what they read by CORS is not held to it.
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const satisfies Record<string, string>
