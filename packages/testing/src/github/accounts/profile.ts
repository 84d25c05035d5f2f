/** What people see on an account's page; all of it optional when an account is made. */
export interface Profile {
  /** The public address; null when it is kept private. */
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

/** A profile with what was said, and nothing beside it. */
export function profileOf(said: Partial<Profile>): Profile {
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
    ...said,
  };
}
