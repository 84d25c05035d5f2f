export interface GitHubClient {
  readonly apiUrl: string;
}
