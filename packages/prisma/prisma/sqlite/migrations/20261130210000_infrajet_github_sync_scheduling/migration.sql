-- AlterTable
ALTER TABLE "github_sync_records" ADD COLUMN "not_before" DATETIME;

-- AlterTable
ALTER TABLE "github_sync_records" ADD COLUMN "direction" TEXT NOT NULL DEFAULT 'push';

-- AlterTable
ALTER TABLE "github_sync_records" ADD COLUMN "interruptions" INTEGER NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "github_sync_records" ADD COLUMN "runs_from" INTEGER NOT NULL DEFAULT 1;

-- AlterTable
ALTER TABLE "github_sync_records" ADD COLUMN "user_key" TEXT NOT NULL DEFAULT '';

-- CreateIndex
CREATE INDEX "github_sync_records_status_not_before_idx" ON "github_sync_records"("status", "not_before");

-- CreateIndex
CREATE INDEX "github_sync_records_user_key_status_idx" ON "github_sync_records"("user_key", "status");
