-- AlterTable
ALTER TABLE "github_sync_records" ADD COLUMN     "files_kept" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "files_pulled" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "files_removed" INTEGER NOT NULL DEFAULT 0;
