-- AlterTable
ALTER TABLE `github_deliveries` ADD COLUMN `attempt_limit` INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN `body` LONGBLOB NULL,
    ADD COLUMN `stored_bytes` INTEGER NOT NULL DEFAULT 0;
