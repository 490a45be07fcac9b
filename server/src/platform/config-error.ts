/** A setting from outside that cannot be used; its message is all that the operator is shown. */
export class ConfigError extends Error {}
