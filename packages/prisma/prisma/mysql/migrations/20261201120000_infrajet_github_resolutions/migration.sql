-- CreateTable
CREATE TABLE `github_conflict_resolutions` (
    `key` CHAR(64) NOT NULL,
    `target_key` CHAR(64) NOT NULL,
    `resolution_id` VARCHAR(200) NOT NULL,
    `path` LONGTEXT NOT NULL,
    `local_oid` VARCHAR(64) NULL,
    `remote_oid` VARCHAR(64) NULL,
    `choice` VARCHAR(16) NULL,
    `content` LONGBLOB NULL,
    `created_at` DATETIME(3) NOT NULL,

    INDEX `github_conflict_resolutions_target_key_idx`(`target_key`),
    PRIMARY KEY (`key`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
