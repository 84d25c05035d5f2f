import { GitHubSdkError } from "../errors.js";

/**
 * A hook that signs a commit.
 *
 * @param payload the bytes that git signs
 * @returns the armored signature: of `ssh-keygen -Y sign -n git`, or of `gpg --detach-sign --armor`
 * @see https://git-scm.com/docs/gitformat-signature
 */
export type SignCommit = (payload: Uint8Array) => Promise<string>;

const ARMORED = /^-----BEGIN (?:SSH|PGP) SIGNATURE-----\n.*\n-----END (?:SSH|PGP) SIGNATURE-----$/s;

/**
 * Returns the signature of a commit in the form of its header.
 *
 * @throws GitHubSdkError `invalid_options` when the hook fails or does not return an armored signature
 */
export async function signatureOf(sign: SignCommit, payload: Uint8Array): Promise<string> {
  const signature = (await signed(sign, payload)).replaceAll("\r\n", "\n").trim();
  if (ARMORED.test(signature)) return signature;
  throw new GitHubSdkError(
    "invalid_options",
    "`signCommit` did not return an armored signature. It must begin with -----BEGIN SSH SIGNATURE----- or -----BEGIN PGP SIGNATURE-----.",
  );
}

async function signed(sign: SignCommit, payload: Uint8Array): Promise<string> {
  try {
    return await sign(payload);
  } catch (cause) {
    throw new GitHubSdkError("invalid_options", "`signCommit` failed to sign the commit. The log has the reason.", {
      cause,
    });
  }
}
