/** Returns GitHub's web address for an API address. A GitHub Enterprise Server has both at one host; github.com and GHE.com have a host for each. */
export function webAddressOf(apiUrl: string): string {
  return apiUrl === "https://api.github.com" ? "https://github.com" : new URL(apiUrl).origin.replace("//api.", "//");
}

/** Returns the address without slashes at its end. */
export function withoutTrailingSlash(url: string): string {
  let end = url.length;
  while (url[end - 1] === "/") end -= 1;
  return url.slice(0, end);
}
