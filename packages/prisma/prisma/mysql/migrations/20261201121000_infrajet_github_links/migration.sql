-- CreateTable
CREATE TABLE `github_project_links` (
    `key` CHAR(64) NOT NULL,
    `project_key` CHAR(64) NOT NULL,
    `user_key` CHAR(64) NOT NULL,
    `branch_key` CHAR(64) NOT NULL,
    `user_id` LONGTEXT NOT NULL,
    `project_id` LONGTEXT NOT NULL,
    `api_url` VARCHAR(255) NOT NULL,
    `repository_id` BIGINT NOT NULL,
    `branch` LONGTEXT NOT NULL,
    `source` LONGTEXT NOT NULL,
    `directory` LONGTEXT NOT NULL,
    `repository` LONGTEXT NOT NULL,
    `direction` VARCHAR(16) NOT NULL,
    `options` LONGTEXT NOT NULL,
    `auto` BOOLEAN NOT NULL,
    `created_at` DATETIME(3) NOT NULL,
    `last_sync_id` INTEGER NULL,
    `head` VARCHAR(64) NULL,

    PRIMARY KEY (`key`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateIndex
CREATE INDEX `github_project_links_project_key_idx` ON `github_project_links`(`project_key`);

-- CreateIndex
CREATE INDEX `github_project_links_user_key_idx` ON `github_project_links`(`user_key`);

-- CreateIndex
CREATE INDEX `github_project_links_branch_key_key_idx` ON `github_project_links`(`branch_key`, `key`);
