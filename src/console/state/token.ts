/** The parts of a JSON Web Token, each base64url (RFC 7515 §7.1); anything else can't even be sent as a header. */
const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/

/** A token as it was pasted, without the spaces and line ends that terminals and mails put around it and into it. */
export function tokenIn(text: string): string {
  return text.replaceAll(/\s+/g, '')
}

/** Why this can be no token, whoever signed it; undefined where it can. */
export function tokenFault(token: string): string | undefined {
  if (TOKEN.test(token)) return undefined
  return 'This is no token: three parts of letters, digits, - and _ with dots between them. Are there quotes around it?'
}
