import { GitHubSdkError } from "../errors.js";

/**
 * Signs a commit.
 *
 * @param payload the commit as git signs it
 * @returns the armored signature: of `ssh-keygen -Y sign -n git`, or of `gpg --detach-sign --armor`
 * @see https://git-scm.com/docs/gitformat-signature
 */
export type SignCommit = (payload: Uint8Array) => Promise<string>;

const ARMORED = /^-----BEGIN (?:SSH|PGP) SIGNATURE-----\n.*\n-----END (?:SSH|PGP) SIGNATURE-----$/s;

/**
 * The signature of a commit, as its header holds it.
 *
 * @throws GitHubSdkError `invalid_options` when the hook fails or gives something else than an armored signature
 */
export async function signatureOf(sign: SignCommit, payload: Uint8Array): Promise<string> {
  const signature = (await signed(sign, payload)).replaceAll("\r\n", "\n").trim();
  if (ARMORED.test(signature)) return signature;
  throw new GitHubSdkError(
    "invalid_options",
    "signCommit gave no armored signature: it has to begin with -----BEGIN SSH SIGNATURE----- or -----BEGIN PGP SIGNATURE-----.",
  );
}

async function signed(sign: SignCommit, payload: Uint8Array): Promise<string> {
  try {
    return await sign(payload);
  } catch (cause) {
    throw new GitHubSdkError("invalid_options", "signCommit could not sign the commit; the log says why.", { cause });
  }
}
