/** GitHub's web address for an API's: a GitHub Enterprise Server has both at one host, github.com and GHE.com at hosts beside each other. */
export function webAddressOf(apiUrl: string): string {
  return apiUrl === "https://api.github.com" ? "https://github.com" : new URL(apiUrl).origin.replace("//api.", "//");
}
