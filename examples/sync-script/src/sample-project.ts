import { chmod, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

// A PNG of one pixel, as a binary file.
const DIAGRAM = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

/** The main file of the project. Its blocks are far enough apart for clean merges. */
export const MAIN_TF = `terraform {
  required_version = ">= 1.9"
}

provider "azurerm" {
  features {}
}

module "network" {
  source        = "./modules/network"
  address_space = var.address_space
}

resource "azurerm_resource_group" "main" {
  name     = "rg-demo"
  location = var.location
}
`;

/** Files that belong into the repository. */
const PROJECT: Readonly<Record<string, string | Buffer>> = {
  "main.tf": MAIN_TF,
  "variables.tf":
    'variable "location" {\n  default = "westeurope"\n}\n\nvariable "address_space" {\n  default = "10.0.0.0/16"\n}\n',
  "modules/network/main.tf":
    'variable "address_space" {}\n\nresource "azurerm_virtual_network" "main" {\n  name          = "vnet-demo"\n  address_space = [var.address_space]\n}\n',
  "docs/diagram.png": DIAGRAM,
  "docs/überblick.md": "# Überblick\n\nEin Netz, eine Ressourcengruppe.\n",
  "scripts/plan.sh": "#!/bin/sh\nexec terraform plan\n",
  "policies/.gitkeep": "",
  ".gitignore": "*.log\n",
};

/** Files that lie in the folder and must never get into a repository. */
const PRIVATE: Readonly<Record<string, string>> = {
  ".terraform/providers/lock.txt": "downloaded by terraform init\n",
  "terraform.tfstate": '{ "outputs": { "password": "correct horse battery staple" } }\n',
  "debug.log": "ignored by the project's own .gitignore\n",
};

/** Paths of the files that are left out of every sync. */
export const PRIVATE_PATHS: readonly string[] = Object.keys(PRIVATE);

/** Makes a small Terraform project: nested, with a binary, an executable, a Unicode name, an empty file and private ones. */
export async function makeSampleProject(folder: string): Promise<void> {
  for (const [path, content] of Object.entries({ ...PROJECT, ...PRIVATE })) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  await chmod(join(folder, "scripts/plan.sh"), 0o755);
}
