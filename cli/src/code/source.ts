/** Where the files come from, as CI systems say it: `owner/name@commit`. */
export function sourceFrom(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const { GITHUB_REPOSITORY, GITHUB_SHA, CI_PROJECT_PATH, CI_COMMIT_SHA } = env;
  const named = (repository: string | undefined, commit: string | undefined) =>
    repository && commit ? `${repository}@${commit}` : undefined;
  return named(GITHUB_REPOSITORY, GITHUB_SHA) ?? named(CI_PROJECT_PATH, CI_COMMIT_SHA);
}
