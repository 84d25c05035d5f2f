-- CreateTable
CREATE TABLE `github_installation_requests` (
    `key` CHAR(64) NOT NULL,
    `api_url` VARCHAR(255) NOT NULL,
    `user_id` LONGTEXT NOT NULL,
    `github_user_id` BIGINT NOT NULL,
    `requested_at` DATETIME(3) NOT NULL,

    PRIMARY KEY (`key`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
