-- AlterTable
ALTER TABLE "github_sync_records" ADD COLUMN "coalesced" INTEGER NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "github_sync_records" ADD COLUMN "holder" TEXT;

-- AlterTable
ALTER TABLE "github_sync_records" ADD COLUMN "priority" INTEGER NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "github_sync_records" ADD COLUMN "waiting_since" DATETIME;

-- CreateIndex
CREATE INDEX "github_sync_records_status_priority_id_idx" ON "github_sync_records"("status", "priority", "id");
