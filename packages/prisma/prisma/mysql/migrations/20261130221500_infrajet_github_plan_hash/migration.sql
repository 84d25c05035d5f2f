-- AlterTable
ALTER TABLE `github_sync_records` ADD COLUMN `plan_hash` LONGTEXT NULL;
