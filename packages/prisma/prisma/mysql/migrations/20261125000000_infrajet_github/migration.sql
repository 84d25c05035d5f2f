-- CreateTable
CREATE TABLE `github_connections` (
    `key` CHAR(64) NOT NULL,
    `account_key` CHAR(64) NOT NULL,
    `api_url` VARCHAR(255) NOT NULL,
    `user_id` LONGTEXT NOT NULL,
    `github_user_id` BIGINT NOT NULL,
    `login` LONGTEXT NOT NULL,
    `connected_at` DATETIME(3) NOT NULL,
    `oauth_token` LONGTEXT NULL,
    `app_token` LONGTEXT NULL,
    `revision` CHAR(36) NOT NULL,

    UNIQUE INDEX `github_connections_account_key_key`(`account_key`),
    PRIMARY KEY (`key`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `github_oauth_states` (
    `key` CHAR(64) NOT NULL,
    `browser_key` CHAR(64) NULL,
    `user_id` LONGTEXT NOT NULL,
    `state` LONGTEXT NOT NULL,
    `client` VARCHAR(16) NOT NULL,
    `code_verifier` LONGTEXT NULL,
    `redirect_uri` LONGTEXT NULL,
    `browser` LONGTEXT NULL,
    `expires_at` DATETIME(3) NOT NULL,
    `revision` CHAR(36) NOT NULL,

    INDEX `github_oauth_states_browser_key_idx`(`browser_key`),
    INDEX `github_oauth_states_expires_at_idx`(`expires_at`),
    PRIMARY KEY (`key`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `github_installations` (
    `key` CHAR(64) NOT NULL,
    `api_url` VARCHAR(255) NOT NULL,
    `installation_id` BIGINT NOT NULL,
    `gone` BOOLEAN NOT NULL,
    `app_id` BIGINT NULL,
    `account_id` BIGINT NULL,
    `account_login` LONGTEXT NULL,
    `account_type` VARCHAR(16) NULL,
    `repository_selection` VARCHAR(16) NULL,
    `permissions` LONGTEXT NULL,
    `events` LONGTEXT NULL,
    `suspended_at` DATETIME(3) NULL,
    `created_at` DATETIME(3) NULL,
    `updated_at` DATETIME(3) NULL,
    `read_at` DATETIME(3) NOT NULL,
    `withdrawn_at` DATETIME(3) NULL,
    `revision` CHAR(36) NOT NULL,

    PRIMARY KEY (`key`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `github_installation_bindings` (
    `key` CHAR(64) NOT NULL,
    `installation_key` CHAR(64) NOT NULL,
    `user_key` CHAR(64) NOT NULL,
    `api_url` VARCHAR(255) NOT NULL,
    `installation_id` BIGINT NOT NULL,
    `user_id` LONGTEXT NOT NULL,
    `github_user_id` BIGINT NOT NULL,
    `proof` VARCHAR(16) NOT NULL,
    `proven_at` DATETIME(3) NOT NULL,

    INDEX `github_installation_bindings_installation_key_idx`(`installation_key`),
    INDEX `github_installation_bindings_user_key_installation_id_idx`(`user_key`, `installation_id`),
    PRIMARY KEY (`key`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `github_installation_repositories` (
    `installation_key` CHAR(64) NOT NULL,
    `repository_id` BIGINT NOT NULL,
    `api_url` VARCHAR(255) NOT NULL,
    `full_name` LONGTEXT NOT NULL,
    `private` BOOLEAN NOT NULL,

    INDEX `github_installation_repositories_repository_id_idx`(`repository_id`),
    PRIMARY KEY (`installation_key`, `repository_id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `github_deliveries` (
    `key` CHAR(64) NOT NULL,
    `delivery_id` LONGTEXT NOT NULL,
    `event` LONGTEXT NOT NULL,
    `digest` CHAR(64) NOT NULL,
    `received_at` DATETIME(3) NOT NULL,
    `status` VARCHAR(16) NOT NULL,
    `attempt` INTEGER NOT NULL,
    `claimed_until` DATETIME(3) NOT NULL,
    `error` LONGTEXT NULL,

    INDEX `github_deliveries_received_at_idx`(`received_at`),
    INDEX `github_deliveries_status_received_at_idx`(`status`, `received_at`),
    PRIMARY KEY (`key`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `github_leases` (
    `key` CHAR(64) NOT NULL,
    `name` LONGTEXT NOT NULL,
    `token` BIGINT NOT NULL,
    `expires_at` DATETIME(3) NOT NULL,

    PRIMARY KEY (`key`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `github_baselines` (
    `key` CHAR(64) NOT NULL,
    `api_url` VARCHAR(255) NOT NULL,
    `repository_id` BIGINT NOT NULL,
    `branch` LONGTEXT NOT NULL,
    `source` LONGTEXT NOT NULL,
    `directory` LONGTEXT NOT NULL,
    `baseline` LONGBLOB NULL,
    `staged` LONGBLOB NULL,
    `lease_token` BIGINT NOT NULL,
    `updated_at` DATETIME(3) NOT NULL,

    INDEX `github_baselines_updated_at_idx`(`updated_at`),
    PRIMARY KEY (`key`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `github_sync_records` (
    `id` INTEGER NOT NULL AUTO_INCREMENT,
    `project_key` CHAR(64) NOT NULL,
    `branch_key` CHAR(64) NOT NULL,
    `repository_key` CHAR(64) NOT NULL,
    `unsettled_branch_key` CHAR(64) NULL,
    `user_id` LONGTEXT NOT NULL,
    `project_id` LONGTEXT NOT NULL,
    `api_url` VARCHAR(255) NOT NULL,
    `repository_id` BIGINT NOT NULL,
    `branch` LONGTEXT NOT NULL,
    `source` LONGTEXT NOT NULL,
    `directory` LONGTEXT NOT NULL,
    `repository` LONGTEXT NOT NULL,
    `status` VARCHAR(16) NOT NULL,
    `error_code` LONGTEXT NULL,
    `error_message` LONGTEXT NULL,
    `commit_id` LONGTEXT NULL,
    `commit_url` LONGTEXT NULL,
    `pull_request_url` LONGTEXT NULL,
    `writer` VARCHAR(16) NULL,
    `files_synced` INTEGER NOT NULL,
    `files_deleted` INTEGER NOT NULL,
    `conflicts_resolved` INTEGER NOT NULL,
    `options` LONGTEXT NOT NULL,
    `conflicts` LONGTEXT NOT NULL,
    `notes` LONGTEXT NOT NULL,
    `attempts` LONGTEXT NOT NULL,
    `retry_count` INTEGER NOT NULL,
    `lease_token` BIGINT NOT NULL,
    `created_at` DATETIME(3) NOT NULL,
    `started_at` DATETIME(3) NULL,
    `completed_at` DATETIME(3) NULL,
    `updated_at` DATETIME(3) NOT NULL,
    `revision` CHAR(36) NOT NULL,

    INDEX `github_sync_records_project_key_id_idx`(`project_key`, `id`),
    INDEX `github_sync_records_project_key_repository_key_id_idx`(`project_key`, `repository_key`, `id`),
    INDEX `github_sync_records_project_key_status_id_idx`(`project_key`, `status`, `id`),
    INDEX `github_sync_records_branch_key_status_id_idx`(`branch_key`, `status`, `id`),
    INDEX `github_sync_records_unsettled_branch_key_id_idx`(`unsettled_branch_key`, `id`),
    INDEX `github_sync_records_status_id_idx`(`status`, `id`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `github_sync_sums` (
    `key` CHAR(64) NOT NULL,
    `user_key` CHAR(64) NOT NULL,
    `project_key` CHAR(64) NOT NULL,
    `repository_key` CHAR(64) NOT NULL,
    `user_id` LONGTEXT NOT NULL,
    `project_id` LONGTEXT NOT NULL,
    `api_url` VARCHAR(255) NOT NULL,
    `repository_id` BIGINT NOT NULL,
    `syncs` INTEGER NOT NULL,
    `successful_syncs` INTEGER NOT NULL,
    `failed_syncs` INTEGER NOT NULL,
    `files_synced` BIGINT NOT NULL,
    `conflicts_resolved` BIGINT NOT NULL,
    `timed_syncs` INTEGER NOT NULL,
    `duration` BIGINT NOT NULL,
    `last_completed_at` DATETIME(3) NULL,

    INDEX `github_sync_sums_user_key_idx`(`user_key`),
    INDEX `github_sync_sums_project_key_repository_key_idx`(`project_key`, `repository_key`),
    PRIMARY KEY (`key`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
