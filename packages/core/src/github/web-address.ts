/** Returns GitHub's web address for an API address. A GitHub Enterprise Server has both at one host; github.com and GHE.com have a host for each. */
export function webAddressOf(apiUrl: string): string {
  return apiUrl === "https://api.github.com" ? "https://github.com" : new URL(apiUrl).origin.replace("//api.", "//");
}
