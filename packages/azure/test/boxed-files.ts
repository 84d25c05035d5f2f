import {
  type AzureProjectFiles,
  type AzureProjectFilesSettings,
  azureProjectFiles,
  type ShareAccess,
} from "@infrajet/github-azure";
import { type AzureFilesBox, type BoxShare, createAzureFilesBox } from "@infrajet/github-testing";

export const PROJECT = { userId: "7", projectId: "infra" };

/** The directory of {@link PROJECT} in the share. */
export const FOLDER = "projects/7/infra";

/** An Azure Files test server over HTTP with one empty project. */
export class BoxedFiles {
  private constructor(
    readonly box: AzureFilesBox,
    readonly share: BoxShare,
    private readonly time: { ahead: number },
  ) {}

  static async start(): Promise<BoxedFiles> {
    const time = { ahead: 0 };
    const box = await createAzureFilesBox({ clock: () => Date.now() + time.ahead });
    await box.listen();
    const share = box.createShare("infrajet");
    share.mkdir(FOLDER);
    return new BoxedFiles(box, share, time);
  }

  /** Advances Azure's clock. */
  putClockForward(milliseconds: number): void {
    this.time.ahead += milliseconds;
  }

  /** Returns a source on the test server without pauses between retries. */
  files(
    settings: Partial<AzureProjectFilesSettings> = {},
    access: ShareAccess = { connectionString: this.box.connectionString },
  ): AzureProjectFiles {
    return azureProjectFiles({
      shareName: "infrajet",
      baseDirectory: "projects",
      retryPauseMs: 0,
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
