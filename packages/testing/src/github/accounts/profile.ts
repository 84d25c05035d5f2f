/** The public profile of an account. */
export interface Profile {
  /** Public email address; null when the user keeps it private. */
  email: string | null;
  company: string | null;
  location: string | null;
  bio: string | null;
  blog: string;
  hireable: boolean | null;
  twitterUsername: string | null;
  followers: number;
  following: number;
  /** ISO 8601, UTC. */
  createdAt: string;
}

/** Creates a profile whose unspecified members are empty. */
export function profileOf(values: Partial<Profile>): Profile {
  return {
    email: null,
    company: null,
    location: null,
    bio: null,
    blog: "",
    hireable: null,
    twitterUsername: null,
    followers: 0,
    following: 0,
    createdAt: "2020-01-01T00:00:00Z",
    ...values,
  };
}
