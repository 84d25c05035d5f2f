/** Reads everything that a write needs. */
export const PREFLIGHT = /* GraphQL */ `
  query Preflight($owner: String!, $name: String!, $branch: String!, $path: String!) {
    viewer { login databaseId }
    rateLimit { limit cost remaining resetAt used }
    repository(owner: $owner, name: $name, followRenames: true) {
      id databaseId nameWithOwner isEmpty isArchived isPrivate url viewerPermission viewerCanAdminister
      owner { login }
      defaultBranchRef { name target { oid } }
      ref(qualifiedName: $branch) {
        id name prefix
        target { __typename oid ... on Commit { tree { oid } message committedDate parents(first: 2) { totalCount nodes { oid } } } }
        refUpdateRule { viewerCanPush requiresSignatures requiresLinearHistory allowsForcePushes pattern }
        branchProtectionRule { pattern requiresApprovingReviews isAdminEnforced }
        rules(first: 20) { totalCount nodes { type } pageInfo { hasNextPage } }
      }
      object(expression: $path) {
        __typename oid
        ... on Tree { entries { name path mode type oid size extension object { __typename } } }
        ... on Blob { text isBinary isTruncated byteSize }
        ... on Commit { messageHeadline messageBody author { name email user { login } } signature { isValid state wasSignedByGitHub } }
      }
    }
  }
`;

/** Creates a commit on a branch. */
export const CREATE_COMMIT = /* GraphQL */ `
  mutation CreateCommit($input: CreateCommitOnBranchInput!) {
    createCommitOnBranch(input: $input) {
      clientMutationId
      commit { oid url message signature { isValid } author { name email } committer { name email } }
      ref { name target { oid } }
    }
  }
`;

/** Updates several refs. */
export const UPDATE_REFS = /* GraphQL */ `
  mutation UpdateRefs($input: UpdateRefsInput!) {
    updateRefs(input: $input) { clientMutationId }
  }
`;

/** Creates a ref. */
export const CREATE_REF = /* GraphQL */ `
  mutation CreateRef($input: CreateRefInput!) {
    createRef(input: $input) { ref { id name target { oid } } }
  }
`;

/** Creates a pull request. */
export const CREATE_PULL_REQUEST = /* GraphQL */ `
  mutation CreatePullRequest($input: CreatePullRequestInput!) {
    createPullRequest(input: $input) {
      pullRequest { id number title body state isDraft url baseRefName headRefName headRefOid fullDatabaseId }
    }
  }
`;

/** Reads a node by ID. */
export const NODE = /* GraphQL */ `
  query Node($id: ID!) {
    node(id: $id) {
      __typename id
      ... on Repository { nameWithOwner }
      ... on Ref { name prefix repository { nameWithOwner } }
      ... on Commit { oid history(first: 3) { totalCount nodes { oid message } } }
      ... on PullRequest { number }
    }
  }
`;
