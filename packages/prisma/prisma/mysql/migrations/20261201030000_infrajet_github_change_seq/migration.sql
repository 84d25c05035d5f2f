-- AlterTable
ALTER TABLE `github_oauth_states` ADD COLUMN `payload` LONGTEXT NULL;

-- AlterTable
ALTER TABLE `github_sync_records` ADD COLUMN `change_seq` BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN `progress` LONGTEXT NULL;

-- CreateTable
CREATE TABLE `github_change_counters` (
    `project_key` CHAR(64) NOT NULL,
    `feed_id` CHAR(36) NOT NULL,
    `seq` BIGINT NOT NULL,

    PRIMARY KEY (`project_key`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateIndex
CREATE INDEX `github_sync_records_project_key_change_seq_idx` ON `github_sync_records`(`project_key`, `change_seq`);
