-- AlterTable
ALTER TABLE "github_oauth_states" ADD COLUMN     "payload" TEXT;

-- AlterTable
ALTER TABLE "github_sync_records" ADD COLUMN     "change_seq" BIGINT NOT NULL DEFAULT 0,
ADD COLUMN     "progress" TEXT;

-- CreateTable
CREATE TABLE "github_change_counters" (
    "project_key" TEXT NOT NULL,
    "feed_id" TEXT NOT NULL,
    "seq" BIGINT NOT NULL,

    CONSTRAINT "github_change_counters_pkey" PRIMARY KEY ("project_key")
);

-- CreateIndex
CREATE INDEX "github_sync_records_project_key_change_seq_idx" ON "github_sync_records"("project_key", "change_seq");
