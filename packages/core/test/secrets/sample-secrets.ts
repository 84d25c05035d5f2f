// Secrets of every kind, generated for each run: the repository contains none.
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { announceSecret } from "@infrajet/github-testing";

const ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Returns random characters. */
export function random(length: number, characters = ALPHANUMERIC): string {
  return Array.from(randomBytes(length), (byte) => characters[byte % characters.length]).join("");
}

const base64 = (bytes: number): string => randomBytes(bytes).toString("base64");
const digits = (length: number): string => `1${random(length - 1, "0123456789")}`;

function pem(type: "rsa" | "ec" | "ed25519", form: "pkcs1" | "sec1" | "pkcs8", passphrase?: string): string {
  const locked = passphrase === undefined ? {} : { cipher: "aes-256-cbc", passphrase };
  const privateKeyEncoding = { type: form, format: "pem", ...locked } as const;
  const publicKeyEncoding = { type: "spki", format: "pem" } as const;
  const options = { modulusLength: 2048, namedCurve: "P-256", publicKeyEncoding, privateKeyEncoding };
  // The overloads of generateKeyPairSync take one literal type each.
  const { privateKey } = generateKeyPairSync(type as "rsa", options as never);
  return String(privateKey);
}

function armored(label: string, body: string): string {
  const lines = body.match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}

const openssh = (): string => {
  const body = Buffer.concat([Buffer.from("openssh-key-v1\0"), randomBytes(300)]);
  return armored("OPENSSH PRIVATE KEY", body.toString("base64"));
};

const jwtPart = (): string => Buffer.from(JSON.stringify({ iss: random(20), sub: random(20) })).toString("base64url");

/** A text with a secret, by its kind and the rule that finds it. */
export const SAMPLES: readonly (readonly [kind: string, rule: string, text: string])[] = [
  ...["ghp", "gho", "ghu", "ghs", "ghr"].map(
    (prefix) => [`GitHub token ${prefix}_`, "github", `token = "${prefix}_${random(36)}"`] as const,
  ),
  ["GitHub fine-grained token", "github", `export GH=github_pat_${random(22)}_${random(59)}`],
  ["GitHub installation token with a JWT", "github", `ghs_${digits(7)}_${jwtPart()}.${jwtPart()}.${random(43)}`],
  ["GitHub token in a clone URL", "github", `https://x-access-token:ghs_${random(36)}@github.com/acme/infra`],
  ["GitLab token", "gitlab", `GITLAB_TOKEN=glpat-${random(20)}`],
  ["AWS access key ID", "aws", `access_key = "AKIA${random(16, CAPITALS)}"`],
  ["AWS secret access key", "aws", `aws_secret_access_key = ${random(40)}`],
  ["AWS secret access key in JSON", "aws", `{"SecretAccessKey": "${random(40)}"}`],
  ["AWS secret key in Terraform", "aws", `  secret_key = "${random(40)}"`],
  [
    "Azure storage connection string",
    "azure",
    `AccountName=infra;AccountKey=${base64(64)};EndpointSuffix=core.windows.net`,
  ],
  ["Azure storage key in Terraform", "azure", `storage_account_key = "${base64(64)}"`],
  ["Azure service bus key", "azure", `SharedAccessKeyName=root;SharedAccessKey=${base64(32)}`],
  ["Azure client secret", "azure", `client_secret = "${random(3)}8Q~${random(34)}"`],
  [
    "Azure shared access signature",
    "azure",
    `https://infra.blob.core.windows.net/c?sv=2024-11-04&sp=r&sig=${encodeURIComponent(base64(32))}`,
  ],
  ["Slack bot token", "slack", `xoxb-${digits(12)}-${digits(13)}-${random(24)}`],
  [
    "Slack webhook",
    "slack",
    `https://hooks.slack.com/services/T${random(10, CAPITALS)}/B${random(10, CAPITALS)}/${random(24)}`,
  ],
  ["npm token", "npm", `NPM_TOKEN=npm_${random(36)}`],
  ["Google API key", "gcp", `const key = "AIza${random(35)}";`],
  ["Google OAuth client secret", "gcp", `client_secret: GOCSPX-${random(28)}`],
  [
    "Google service account",
    "privatekey",
    JSON.stringify({ private_key_id: random(40), private_key: pem("rsa", "pkcs8") }),
  ],
  ["RSA private key (PKCS#1)", "privatekey", pem("rsa", "pkcs1")],
  ["RSA private key (PKCS#8)", "privatekey", pem("rsa", "pkcs8")],
  ["EC private key (SEC 1)", "privatekey", pem("ec", "sec1")],
  ["Ed25519 private key", "privatekey", pem("ed25519", "pkcs8")],
  ["encrypted private key", "privatekey", pem("rsa", "pkcs8", "secret")],
  ["private key with CRLF", "privatekey", pem("rsa", "pkcs8").replaceAll("\n", "\r\n")],
  ["private key in a string", "privatekey", JSON.stringify(pem("ec", "pkcs8"))],
  ["private key indented in YAML", "privatekey", pem("rsa", "pkcs8").replaceAll(/^/gm, "    ")],
  ["OpenSSH private key", "privatekey", openssh()],
  ["OpenPGP private key", "privatekey", armored("PGP PRIVATE KEY BLOCK", `\n${base64(400)}`)],
  ["Stripe secret key", "stripe", `STRIPE=sk_live_${random(24)}`],
  ["Stripe restricted key", "stripe", `STRIPE=rk_live_${random(99)}`],
  ["OpenAI key", "openai", `OPENAI_API_KEY=sk-${random(20)}T3BlbkFJ${random(20)}`],
  ["OpenAI project key", "openai", `OPENAI_API_KEY=sk-proj-${random(74)}T3BlbkFJ${random(74)}`],
  ["Anthropic key", "anthropic", `ANTHROPIC_API_KEY=sk-ant-api03-${random(93)}AA`],
  ["SendGrid key", "sendgrid", `SG.${random(22)}.${random(43)}`],
  ["Shopify token", "shopify", `shpat_${random(32, "0123456789abcdef")}`],
  ["Hugging Face token", "huggingface", `hf_${random(34, "abcdefghijklmnopqrstuvwxyzABCDEFGH")}`],
  ["Terraform Cloud token", "terraform-cloud", `token = "${random(14)}.atlasv1.${random(67)}"`],
  ["Vault token", "hashicorp-vault", `VAULT_TOKEN=hvs.${random(95)}`],
  ["PostgreSQL URL", "database-connection-string", `postgresql://app:${random(16)}@db.infra.io:5432/app`],
  ["MongoDB URL", "database-connection-string", `mongodb+srv://app:${random(16)}@cluster0.infra.mongodb.net/app`],
  ["Redis URL", "database-connection-string", `rediss://:${random(16)}@cache.infra.io:6380`],
  [
    "SQL Server connection string",
    "database-connection-string",
    `Server=tcp:infra.database.windows.net,1433;User ID=app;Password=${random(16)};`,
  ],
  ["URL with a password", "basicauth", `https://deploy:${random(16)}@registry.infra.io/v2/`],
].map(([kind = "", rule = "", text = ""]) => [kind, rule, text] as const);

/** Returns the longest words of a text: the parts that no output may contain. Registers them with the search of the test run. */
export function secretParts(text: string): readonly string[] {
  return (text.match(/[A-Za-z0-9]{16,}/g) ?? []).map(announceSecret);
}
