/** A license that a repository can begin with. */
export interface License {
  key: string;
  name: string;
  spdxId: string;
}

/**
 * Licenses by their key.
 *
 * @see https://docs.github.com/rest/licenses/licenses
 */
export const LICENSES: ReadonlyMap<string, License> = new Map(
  [
    ["apache-2.0", "Apache License 2.0", "Apache-2.0"],
    ["bsd-3-clause", 'BSD 3-Clause "New" or "Revised" License', "BSD-3-Clause"],
    ["gpl-3.0", "GNU General Public License v3.0", "GPL-3.0"],
    ["mit", "MIT License", "MIT"],
    ["mpl-2.0", "Mozilla Public License 2.0", "MPL-2.0"],
    ["unlicense", "The Unlicense", "Unlicense"],
  ].map(([key = "", name = "", spdxId = ""]) => [key, { key, name, spdxId }]),
);
