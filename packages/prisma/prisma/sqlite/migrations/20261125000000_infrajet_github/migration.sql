-- CreateTable
CREATE TABLE "github_connections" (
    "key" TEXT NOT NULL PRIMARY KEY,
    "account_key" TEXT NOT NULL,
    "api_url" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "github_user_id" BIGINT NOT NULL,
    "login" TEXT NOT NULL,
    "connected_at" DATETIME NOT NULL,
    "oauth_token" TEXT,
    "app_token" TEXT,
    "revision" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "github_oauth_states" (
    "key" TEXT NOT NULL PRIMARY KEY,
    "browser_key" TEXT,
    "user_id" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "client" TEXT NOT NULL,
    "code_verifier" TEXT,
    "redirect_uri" TEXT,
    "browser" TEXT,
    "expires_at" DATETIME NOT NULL,
    "revision" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "github_installations" (
    "key" TEXT NOT NULL PRIMARY KEY,
    "api_url" TEXT NOT NULL,
    "installation_id" BIGINT NOT NULL,
    "gone" BOOLEAN NOT NULL,
    "app_id" BIGINT,
    "account_id" BIGINT,
    "account_login" TEXT,
    "account_type" TEXT,
    "repository_selection" TEXT,
    "permissions" TEXT,
    "events" TEXT,
    "suspended_at" DATETIME,
    "created_at" DATETIME,
    "updated_at" DATETIME,
    "read_at" DATETIME NOT NULL,
    "withdrawn_at" DATETIME,
    "revision" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "github_installation_bindings" (
    "key" TEXT NOT NULL PRIMARY KEY,
    "installation_key" TEXT NOT NULL,
    "user_key" TEXT NOT NULL,
    "api_url" TEXT NOT NULL,
    "installation_id" BIGINT NOT NULL,
    "user_id" TEXT NOT NULL,
    "github_user_id" BIGINT NOT NULL,
    "proof" TEXT NOT NULL,
    "proven_at" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "github_installation_repositories" (
    "installation_key" TEXT NOT NULL,
    "repository_id" BIGINT NOT NULL,
    "api_url" TEXT NOT NULL,
    "full_name" TEXT NOT NULL,
    "private" BOOLEAN NOT NULL,

    PRIMARY KEY ("installation_key", "repository_id")
);

-- CreateTable
CREATE TABLE "github_deliveries" (
    "key" TEXT NOT NULL PRIMARY KEY,
    "delivery_id" TEXT NOT NULL,
    "event" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "received_at" DATETIME NOT NULL,
    "status" TEXT NOT NULL,
    "attempt" INTEGER NOT NULL,
    "claimed_until" DATETIME NOT NULL,
    "error" TEXT
);

-- CreateTable
CREATE TABLE "github_leases" (
    "key" TEXT NOT NULL PRIMARY KEY,
    "name" TEXT NOT NULL,
    "token" BIGINT NOT NULL,
    "expires_at" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "github_baselines" (
    "key" TEXT NOT NULL PRIMARY KEY,
    "api_url" TEXT NOT NULL,
    "repository_id" BIGINT NOT NULL,
    "branch" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "directory" TEXT NOT NULL,
    "baseline" BLOB,
    "staged" BLOB,
    "lease_token" BIGINT NOT NULL,
    "updated_at" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "github_sync_records" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "project_key" TEXT NOT NULL,
    "branch_key" TEXT NOT NULL,
    "repository_key" TEXT NOT NULL,
    "unsettled_branch_key" TEXT,
    "user_id" TEXT NOT NULL,
    "project_id" TEXT NOT NULL,
    "api_url" TEXT NOT NULL,
    "repository_id" BIGINT NOT NULL,
    "branch" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "directory" TEXT NOT NULL,
    "repository" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "error_code" TEXT,
    "error_message" TEXT,
    "commit_id" TEXT,
    "commit_url" TEXT,
    "pull_request_url" TEXT,
    "writer" TEXT,
    "files_synced" INTEGER NOT NULL,
    "files_deleted" INTEGER NOT NULL,
    "conflicts_resolved" INTEGER NOT NULL,
    "options" TEXT NOT NULL,
    "conflicts" TEXT NOT NULL,
    "notes" TEXT NOT NULL,
    "attempts" TEXT NOT NULL,
    "retry_count" INTEGER NOT NULL,
    "lease_token" BIGINT NOT NULL,
    "created_at" DATETIME NOT NULL,
    "started_at" DATETIME,
    "completed_at" DATETIME,
    "updated_at" DATETIME NOT NULL,
    "revision" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "github_sync_sums" (
    "key" TEXT NOT NULL PRIMARY KEY,
    "user_key" TEXT NOT NULL,
    "project_key" TEXT NOT NULL,
    "repository_key" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "project_id" TEXT NOT NULL,
    "api_url" TEXT NOT NULL,
    "repository_id" BIGINT NOT NULL,
    "syncs" INTEGER NOT NULL,
    "successful_syncs" INTEGER NOT NULL,
    "failed_syncs" INTEGER NOT NULL,
    "files_synced" BIGINT NOT NULL,
    "conflicts_resolved" BIGINT NOT NULL,
    "timed_syncs" INTEGER NOT NULL,
    "duration" BIGINT NOT NULL,
    "last_completed_at" DATETIME
);

-- CreateIndex
CREATE UNIQUE INDEX "github_connections_account_key_key" ON "github_connections"("account_key");

-- CreateIndex
CREATE INDEX "github_oauth_states_browser_key_idx" ON "github_oauth_states"("browser_key");

-- CreateIndex
CREATE INDEX "github_oauth_states_expires_at_idx" ON "github_oauth_states"("expires_at");

-- CreateIndex
CREATE INDEX "github_installation_bindings_installation_key_idx" ON "github_installation_bindings"("installation_key");

-- CreateIndex
CREATE INDEX "github_installation_bindings_user_key_installation_id_idx" ON "github_installation_bindings"("user_key", "installation_id");

-- CreateIndex
CREATE INDEX "github_installation_repositories_repository_id_idx" ON "github_installation_repositories"("repository_id");

-- CreateIndex
CREATE INDEX "github_deliveries_received_at_idx" ON "github_deliveries"("received_at");

-- CreateIndex
CREATE INDEX "github_deliveries_status_received_at_idx" ON "github_deliveries"("status", "received_at");

-- CreateIndex
CREATE INDEX "github_baselines_updated_at_idx" ON "github_baselines"("updated_at");

-- CreateIndex
CREATE INDEX "github_sync_records_project_key_id_idx" ON "github_sync_records"("project_key", "id");

-- CreateIndex
CREATE INDEX "github_sync_records_project_key_repository_key_id_idx" ON "github_sync_records"("project_key", "repository_key", "id");

-- CreateIndex
CREATE INDEX "github_sync_records_project_key_status_id_idx" ON "github_sync_records"("project_key", "status", "id");

-- CreateIndex
CREATE INDEX "github_sync_records_branch_key_status_id_idx" ON "github_sync_records"("branch_key", "status", "id");

-- CreateIndex
CREATE INDEX "github_sync_records_unsettled_branch_key_id_idx" ON "github_sync_records"("unsettled_branch_key", "id");

-- CreateIndex
CREATE INDEX "github_sync_records_status_id_idx" ON "github_sync_records"("status", "id");

-- CreateIndex
CREATE INDEX "github_sync_sums_user_key_idx" ON "github_sync_sums"("user_key");

-- CreateIndex
CREATE INDEX "github_sync_sums_project_key_repository_key_idx" ON "github_sync_sums"("project_key", "repository_key");
