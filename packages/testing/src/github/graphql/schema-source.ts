import { MUTATIONS } from "./mutation-source.js";

/**
 * The part of GitHub's public GraphQL schema that the box supports.
 *
 * @see https://docs.github.com/graphql/overview/public-schema
 */
export const SCHEMA = /* GraphQL */ `
scalar Base64String
scalar DateTime
scalar GitObjectID
scalar GitRefname
scalar GitTimestamp
scalar URI

interface Node { id: ID! }

interface GitObject {
  abbreviatedOid: String!
  id: ID!
  oid: GitObjectID!
  repository: Repository!
}

interface RepositoryOwner { id: ID! login: String! url: URI! }

interface Actor { login: String! url: URI! }

type Query {
  node(id: ID!): Node
  rateLimit(dryRun: Boolean = false): RateLimit
  repository(followRenames: Boolean = true, name: String!, owner: String!): Repository
  viewer: User!
}

type RateLimit {
  cost: Int!
  limit: Int!
  nodeCount: Int!
  remaining: Int!
  resetAt: DateTime!
  used: Int!
}

type User implements Node & RepositoryOwner & Actor {
  databaseId: Int
  id: ID!
  login: String!
  name: String
  url: URI!
}

type Organization implements Node & RepositoryOwner & Actor {
  databaseId: Int
  id: ID!
  login: String!
  name: String
  url: URI!
}

enum RepositoryPermission { ADMIN MAINTAIN READ TRIAGE WRITE }

type Repository implements Node {
  createdAt: DateTime!
  databaseId: Int
  defaultBranchRef: Ref
  description: String
  diskUsage: Int
  id: ID!
  isArchived: Boolean!
  isDisabled: Boolean!
  isEmpty: Boolean!
  isFork: Boolean!
  isInOrganization: Boolean!
  isLocked: Boolean!
  isPrivate: Boolean!
  name: String!
  nameWithOwner: String!
  object(expression: String, oid: GitObjectID): GitObject
  owner: RepositoryOwner!
  pushedAt: DateTime
  ref(qualifiedName: String!): Ref
  url: URI!
  viewerCanAdminister: Boolean!
  viewerPermission: RepositoryPermission
}

type Ref implements Node {
  branchProtectionRule: BranchProtectionRule
  id: ID!
  name: String!
  prefix: String!
  refUpdateRule: RefUpdateRule
  repository: Repository!
  rules(after: String, before: String, first: Int, last: Int): RepositoryRuleConnection
  target: GitObject
}

type BranchProtectionRule implements Node {
  allowsDeletions: Boolean!
  allowsForcePushes: Boolean!
  id: ID!
  isAdminEnforced: Boolean!
  lockBranch: Boolean!
  pattern: String!
  requiresApprovingReviews: Boolean!
  requiresCommitSignatures: Boolean!
  requiresLinearHistory: Boolean!
  requiresStatusChecks: Boolean!
}

type RefUpdateRule {
  allowsDeletions: Boolean!
  allowsForcePushes: Boolean!
  blocksCreations: Boolean!
  pattern: String!
  requiredApprovingReviewCount: Int
  requiredStatusCheckContexts: [String]
  requiresCodeOwnerReviews: Boolean!
  requiresConversationResolution: Boolean!
  requiresLinearHistory: Boolean!
  requiresSignatures: Boolean!
  viewerCanPush: Boolean!
}

enum RepositoryRuleType {
  AUTHORIZATION BRANCH_NAME_PATTERN CODE_SCANNING COMMITTER_EMAIL_PATTERN COMMIT_AUTHOR_EMAIL_PATTERN
  COMMIT_MESSAGE_PATTERN CREATION DELETION FILE_EXTENSION_RESTRICTION FILE_PATH_RESTRICTION LOCK_BRANCH
  MAX_FILE_PATH_LENGTH MAX_FILE_SIZE MAX_REF_UPDATES MERGE_QUEUE MERGE_QUEUE_LOCKED_REF NON_FAST_FORWARD PULL_REQUEST
  REQUIRED_DEPLOYMENTS REQUIRED_LINEAR_HISTORY REQUIRED_REVIEW_THREAD_RESOLUTION REQUIRED_SIGNATURES
  REQUIRED_STATUS_CHECKS REQUIRED_WORKFLOW_STATUS_CHECKS SECRET_SCANNING TAG TAG_NAME_PATTERN UPDATE WORKFLOWS
  WORKFLOW_UPDATES
}

type RepositoryRule implements Node {
  id: ID!
  type: RepositoryRuleType!
}

type RepositoryRuleConnection {
  nodes: [RepositoryRule]
  pageInfo: PageInfo!
  totalCount: Int!
}

type PageInfo {
  endCursor: String
  hasNextPage: Boolean!
  hasPreviousPage: Boolean!
  startCursor: String
}

type Commit implements Node & GitObject {
  abbreviatedOid: String!
  author: GitActor
  authoredDate: DateTime!
  committedDate: DateTime!
  committer: GitActor
  history(after: String, first: Int, path: String): CommitHistoryConnection!
  id: ID!
  message: String!
  messageBody: String!
  messageHeadline: String!
  oid: GitObjectID!
  parents(after: String, before: String, first: Int, last: Int): CommitConnection!
  repository: Repository!
  signature: GitSignature
  tree: Tree!
  url: URI!
}

type CommitConnection {
  nodes: [Commit]
  pageInfo: PageInfo!
  totalCount: Int!
}

type CommitHistoryConnection {
  nodes: [Commit]
  pageInfo: PageInfo!
  totalCount: Int!
}

type GitActor {
  date: GitTimestamp
  email: String
  name: String
  user: User
}

interface GitSignature {
  email: String!
  isValid: Boolean!
  payload: String!
  signature: String!
  state: GitSignatureState!
  wasSignedByGitHub: Boolean!
}

type GpgSignature implements GitSignature {
  email: String!
  isValid: Boolean!
  keyId: String
  payload: String!
  signature: String!
  state: GitSignatureState!
  wasSignedByGitHub: Boolean!
}

enum GitSignatureState {
  BAD_CERT BAD_EMAIL EXPIRED_KEY GPGVERIFY_ERROR GPGVERIFY_UNAVAILABLE INVALID MALFORMED_SIG NOT_SIGNING_KEY NO_USER
  OCSP_ERROR OCSP_PENDING OCSP_REVOKED UNKNOWN_KEY UNKNOWN_SIG_TYPE UNSIGNED UNVERIFIED_EMAIL VALID
}

type Tree implements Node & GitObject {
  abbreviatedOid: String!
  entries: [TreeEntry!]
  id: ID!
  oid: GitObjectID!
  repository: Repository!
}

type TreeEntry {
  extension: String
  mode: Int!
  name: String!
  object: GitObject
  oid: GitObjectID!
  path: String
  repository: Repository!
  size: Int!
  type: String!
}

type Blob implements Node & GitObject {
  abbreviatedOid: String!
  byteSize: Int!
  id: ID!
  isBinary: Boolean
  isTruncated: Boolean!
  oid: GitObjectID!
  repository: Repository!
  text: String
}

enum PullRequestState { CLOSED MERGED OPEN }

type PullRequest implements Node {
  baseRefName: String!
  body: String!
  fullDatabaseId: BigInt
  headRefName: String!
  headRefOid: GitObjectID!
  id: ID!
  isDraft: Boolean!
  number: Int!
  state: PullRequestState!
  title: String!
  url: URI!
}

scalar BigInt

${MUTATIONS}`;
