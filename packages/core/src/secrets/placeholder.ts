const FEWEST_CHARACTERS = 6;

/** True for a text that stands for a secret in documentation or a template, such as `AKIAIOSFODNN7EXAMPLE` or `sk_live_xxxxxxxx`. */
export function isPlaceholder(text: string): boolean {
  if (/example|placeholder|your[-_]?|changeme/i.test(text)) return true;
  // Without the prefix, which is not random.
  const longest = text
    .split(/[^A-Za-z0-9+/=]+/)
    .reduce((longer, part) => (part.length > longer.length ? part : longer), "");
  return new Set(longest).size < FEWEST_CHARACTERS;
}

/** True for a password that a template replaces, or that every installation of a program has. */
export function isTemplatePassword(password: string): boolean {
  if (/^[$%<{[(]|[>}\])]$|\$\{|\{\{/.test(password) || new Set(password).size === 1) return true;
  return /^(?:(?:my|some|the|your)?[-_]?(?:password|passwd|passw0rd|pass)|secret|postgres|mysql|mongo|root|admin|user|guest|test|example|changeme)$/i.test(
    password,
  );
}
