/** The version of this package. Written by `npm run version`. */
export const VERSION = "0.0.0";
