/** An invalid environment. The message names the variable and how to fix it. */
export class ConfigurationError extends Error {}
