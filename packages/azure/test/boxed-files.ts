import {
  type AzureProjectFiles,
  type AzureProjectFilesSettings,
  azureProjectFiles,
  type ShareAccess,
} from "@infrajet/github-azure";
import { type AzureFilesBox, type BoxShare, createAzureFilesBox } from "@infrajet/github-testing";

export const PROJECT = { userId: "7", projectId: "infra" };

/** Where {@link PROJECT} lies in the share. */
export const FOLDER = "projects/7/infra";

/** A storage account in a box, over HTTP, with one empty project in it. */
export class BoxedFiles {
  private constructor(
    readonly box: AzureFilesBox,
    readonly share: BoxShare,
  ) {}

  static async start(): Promise<BoxedFiles> {
    const box = await createAzureFilesBox();
    await box.listen();
    const share = box.createShare("infrajet");
    share.mkdir(FOLDER);
    return new BoxedFiles(box, share);
  }

  /** A source on the box that does not wait between tries. */
  files(
    settings: Partial<AzureProjectFilesSettings> = {},
    access: ShareAccess = { connectionString: this.box.connectionString },
  ): AzureProjectFiles {
    return azureProjectFiles({
      shareName: "infrajet",
      baseDirectory: "projects",
      retryPause: 0,
      ...settings,
      ...access,
    });
  }

  write(path: string, content: Parameters<BoxShare["write"]>[1]): void {
    this.share.write(`${FOLDER}/${path}`, content);
  }

  remove(path: string): void {
    this.share.remove(`${FOLDER}/${path}`);
  }

  close(): Promise<void> {
    return this.box.close();
  }
}
