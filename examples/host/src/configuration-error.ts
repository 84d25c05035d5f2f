/** What is wrong with how the host was started; the message names the variable and the mend. */
export class ConfigurationError extends Error {}
