-- AlterTable
ALTER TABLE "github_sync_records" ADD COLUMN     "coalesced" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "holder" TEXT,
ADD COLUMN     "priority" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "waiting_since" TIMESTAMP(3);

-- CreateIndex
CREATE INDEX "github_sync_records_status_priority_id_idx" ON "github_sync_records"("status", "priority", "id");
