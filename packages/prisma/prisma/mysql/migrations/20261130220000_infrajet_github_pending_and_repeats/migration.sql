-- AlterTable
ALTER TABLE `github_oauth_states` ADD COLUMN `user_key` CHAR(64) NOT NULL DEFAULT '';

-- CreateIndex
CREATE INDEX `github_oauth_states_user_key_idx` ON `github_oauth_states`(`user_key`);

-- CreateIndex
CREATE INDEX `github_deliveries_digest_idx` ON `github_deliveries`(`digest`);
