-- AlterTable
ALTER TABLE `github_sync_records` ADD COLUMN `coalesced` INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN `holder` VARCHAR(64) NULL,
    ADD COLUMN `priority` INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN `waiting_since` DATETIME(3) NULL;

-- CreateIndex
CREATE INDEX `github_sync_records_status_priority_id_idx` ON `github_sync_records`(`status`, `priority`, `id`);
