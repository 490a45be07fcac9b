import { apiKeyPattern, isApiKey } from '../../../platform/api-keys.ts';
import type { FindingCode } from '../rules.ts';

export type Secret = { readonly code: FindingCode; readonly what: string; readonly line: number };

type Pattern = {
  readonly code: FindingCode;
  readonly what: string;
  readonly pattern: RegExp;
  /** Says no to what only looks like one, such as the examples of vendors' own manuals. */
  readonly unless?: RegExp;
  readonly only?: (match: string) => boolean;
};

/** Formats that mean one thing only. Words such as `password = ...` are left out: half of all configuration has them. */
const patterns: readonly Pattern[] = [
  {
    code: 'secret.private_key',
    what: 'a private key',
    pattern:
      /-----BEGIN (?:RSA |EC |DSA |OPENSSH |ENCRYPTED |PGP )?PRIVATE KEY(?: BLOCK)?-----\s*[A-Za-z0-9+/=:-]{8}/g,
  },
  {
    code: 'secret.cloud_key',
    what: 'an AWS access key',
    pattern: /(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Za-z0-9])/g,
    unless: /EXAMPLE$/,
  },
  {
    code: 'secret.cloud_key',
    what: 'an AWS secret key',
    pattern: /aws_secret_access_key["']?\s*[=:]\s*["']?[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])/gi,
    unless: /EXAMPLEKEY$/,
  },
  {
    code: 'secret.cloud_key',
    what: 'a Google API key',
    pattern: /(?<![\w-])AIza[0-9A-Za-z_-]{35}(?![\w-])/g,
  },
  {
    code: 'secret.cloud_key',
    what: 'an Azure storage key',
    pattern: /AccountKey=[A-Za-z0-9+/]{86}==/g,
  },
  {
    code: 'secret.souk_key',
    what: 'an API key of a Souk marketplace',
    pattern: apiKeyPattern,
    // The checksum tells a key from a text that only looks like one.
    only: isApiKey,
  },
  {
    code: 'secret.token',
    what: 'a GitHub token',
    pattern: /(?<![A-Za-z0-9_])(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{60,})/g,
  },
  { code: 'secret.token', what: 'a GitLab token', pattern: /(?<![\w-])glpat-[\w-]{20,}/g },
  {
    code: 'secret.token',
    what: 'a Hugging Face token',
    pattern: /(?<![A-Za-z0-9_])hf_[A-Za-z]{34}(?![A-Za-z0-9])/g,
  },
  { code: 'secret.token', what: 'a Slack token', pattern: /(?<![\w-])xox[abeprs]-\d{8,}-[\w-]{10,}/g },
  {
    code: 'secret.token',
    what: 'an npm token',
    pattern: /(?<![A-Za-z0-9_])npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])/g,
  },
  { code: 'secret.token', what: 'a PyPI token', pattern: /(?<![\w-])pypi-AgEIcHlwaS5vcmc[\w-]{50,}/g },
  { code: 'secret.token', what: 'a Stripe key', pattern: /(?<![A-Za-z0-9_])[rs]k_live_[A-Za-z0-9]{24,}/g },
  { code: 'secret.token', what: 'an OpenAI key', pattern: /(?<![\w-])sk-(?:proj-|svcacct-)[\w-]{40,}/g },
  { code: 'secret.token', what: 'an Anthropic key', pattern: /(?<![\w-])sk-ant-[\w-]{60,}/g },
  {
    code: 'secret.token',
    what: 'an address with a password',
    // Only of a machine with a full name: `user:password@host` is how manuals write it.
    pattern:
      /\b(?:postgres(?:ql)?|mysql|mongodb(?:\+srv)?|redis|amqps?|mssql):\/\/[^\s:/@"'<>{}$*]+:[^\s:/@"'<>{}$*]{4,}@[a-z0-9-]+\.[a-z0-9.-]+/gi,
    unless: /:(?:password|passwd|pass|secret|changeme|example|x{3,})@|@(?:localhost|127\.0\.0\.1|example\.)/i,
  },
];

/** A window of text may start in the middle of a file: `lineBefore` is the number of lines before it. */
export function secretsIn(text: string, lineBefore: number): Secret[] {
  const secrets: Secret[] = [];
  for (const { code, what, pattern, unless, only } of patterns) {
    for (const match of text.matchAll(pattern)) {
      if (unless?.test(match[0]) === true || only?.(match[0]) === false) continue;
      secrets.push({ code, what, line: lineBefore + lineOf(text, match.index) });
      if (secrets.length >= 100) return secrets;
    }
  }
  return secrets;
}

function lineOf(text: string, index: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < index; at = text.indexOf('\n', at + 1)) line++;
  return line;
}
