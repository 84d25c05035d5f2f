import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { announceSecret } from "../secret-channel.js";

/** The key pair of a GitHub App. */
export interface AppKeys {
  /** PEM in the form GitHub hands it out: PKCS#1 (`BEGIN RSA PRIVATE KEY`). */
  privateKey: string;
  /** The same key as PKCS#8 (`BEGIN PRIVATE KEY`). */
  privateKeyPkcs8: string;
  publicKey: KeyObject;
}

/** Makes a pair, or reads a private RSA key in PEM (PKCS#1 or PKCS#8). Throws when it is none. */
export function appKeys(pem?: string): AppKeys {
  const key =
    pem === undefined ? generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey : createPrivateKey(pem);
  if (key.asymmetricKeyType !== "rsa") throw new Error("A GitHub App's key is an RSA key");
  return {
    privateKey: announceSecret(String(key.export({ type: "pkcs1", format: "pem" }))),
    privateKeyPkcs8: announceSecret(String(key.export({ type: "pkcs8", format: "pem" }))),
    publicKey: createPublicKey(key),
  };
}
