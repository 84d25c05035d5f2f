import { commitPerson, MAX_CO_AUTHORS } from "../git/commit-person.js";
import { list } from "./bounded-fields.js";
import { optional } from "./request-fields.js";
import { named } from "./wire-value.js";

const person = named(
  "GitHubCommitPerson",
  commitPerson.describe("A person that a commit names. `<`, `>` and control characters are not allowed"),
);

/** The fields with the people of a commit. The account or the App stays the committer. */
export const peopleFields = {
  author: optional(person),
  co_authors: optional(list(person, { max: MAX_CO_AUTHORS })),
};
