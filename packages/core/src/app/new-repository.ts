import { GitHubSdkError } from "../errors.js";
import { parseRepositoryName } from "../github/repository-name.js";

/** The visibility of a repository. `internal` is for organizations of an enterprise. */
export type RepositoryVisibility = "public" | "private" | "internal";

/** A repository to create. */
export interface NewRepository {
  readonly name: string;
  readonly description?: string;
  /** Defaults to `true`, or to what `visibility` says. */
  readonly private?: boolean;
  /** Defaults to what `private` says. */
  readonly visibility?: RepositoryVisibility;
  /** At most 20 topics of letters, digits and hyphens. GitHub stores them in lower case. */
  readonly topics?: readonly string[];
  /** The template repository, as `owner/name`, whose default branch is copied. The installation must be able to read it. */
  readonly template?: string;
  /** Creates a first commit with a README. Defaults to `false`. */
  readonly autoInit?: boolean;
  /** The name of a `.gitignore` template, such as `Terraform`. @see https://github.com/github/gitignore */
  readonly gitignoreTemplate?: string;
  /** The key of a license, such as `mit`. @see https://docs.github.com/en/rest/licenses/licenses */
  readonly licenseTemplate?: string;
}

/** An option that is invalid, and the reason. */
interface OptionProblem {
  readonly option: keyof NewRepository;
  readonly message: string;
}

/** The form of a topic. GitHub stores it in lower case. */
export const TOPIC = /^[a-z0-9][a-z0-9-]{0,49}$/i;
/** The most topics of a repository. */
export const MAX_TOPICS = 20;

const FIRST_COMMIT = ["autoInit", "gitignoreTemplate", "licenseTemplate"] as const;

/** Throws for options that contradict each other. @throws GitHubSdkError `validation_failed` with `details.option` */
export function assertNewRepository(repository: NewRepository): void {
  const problem = newRepositoryProblem(repository);
  if (problem === null) return;
  throw new GitHubSdkError("validation_failed", problem.message, { details: { option: problem.option } });
}

/** Returns the first problem of a repository to create, or `null`. GitHub would ignore some of these problems. */
function newRepositoryProblem(repository: NewRepository): OptionProblem | null {
  const { private: isPrivate, visibility, topics = [], template } = repository;
  if (visibility !== undefined && isPrivate !== undefined && isPrivate === (visibility === "public")) {
    return { option: "private", message: `\`private: ${isPrivate}\` contradicts \`visibility\`. Remove one of them.` };
  }
  if (topics.length > MAX_TOPICS || !topics.every((topic) => TOPIC.test(topic))) {
    return {
      option: "topics",
      message: `\`topics\` must be at most ${MAX_TOPICS} texts of up to 50 letters, digits and hyphens.`,
    };
  }
  if (template === undefined) return null;
  if (!isRepositoryName(template)) {
    return { option: "template", message: "`template` must be the `owner/name` of a template repository." };
  }
  const combined = FIRST_COMMIT.find((option) => repository[option] !== undefined && repository[option] !== false);
  if (combined !== undefined) return { option: combined, message: cannotCombine(combined) };
  return visibility === "internal" ? { option: "visibility", message: cannotCombine("visibility: internal") } : null;
}

function cannotCombine(option: string): string {
  return `\`${option}\` cannot be combined with \`template\`. Remove one of them.`;
}

function isRepositoryName(text: string): boolean {
  try {
    parseRepositoryName(text);
    return true;
  } catch {
    return false;
  }
}
