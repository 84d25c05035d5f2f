import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { announceSecret } from "../secret-channel.js";

/** The key pair of a GitHub App. */
export interface AppKeys {
  /** Private key as PEM in PKCS#1, the format that GitHub generates (`BEGIN RSA PRIVATE KEY`). */
  privateKey: string;
  /** The same key as PEM in PKCS#8 (`BEGIN PRIVATE KEY`). */
  privateKeyPkcs8: string;
  publicKey: KeyObject;
}

/** Generates a key pair, or reads a private RSA key as PEM in PKCS#1 or PKCS#8. Throws when the key is not an RSA key. */
export function appKeys(pem?: string): AppKeys {
  const key =
    pem === undefined ? generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey : createPrivateKey(pem);
  if (key.asymmetricKeyType !== "rsa") throw new Error("The private key of a GitHub App must be an RSA key.");
  return {
    privateKey: announceSecret(String(key.export({ type: "pkcs1", format: "pem" }))),
    privateKeyPkcs8: announceSecret(String(key.export({ type: "pkcs8", format: "pem" }))),
    publicKey: createPublicKey(key),
  };
}
