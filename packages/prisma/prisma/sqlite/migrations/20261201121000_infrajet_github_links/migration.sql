-- CreateTable
CREATE TABLE "github_project_links" (
    "key" TEXT NOT NULL PRIMARY KEY,
    "project_key" TEXT NOT NULL,
    "user_key" TEXT NOT NULL,
    "branch_key" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "project_id" TEXT NOT NULL,
    "api_url" TEXT NOT NULL,
    "repository_id" BIGINT NOT NULL,
    "branch" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "directory" TEXT NOT NULL,
    "repository" TEXT NOT NULL,
    "direction" TEXT NOT NULL,
    "options" TEXT NOT NULL,
    "auto" BOOLEAN NOT NULL,
    "created_at" DATETIME NOT NULL,
    "last_sync_id" INTEGER,
    "head" TEXT
);

-- CreateIndex
CREATE INDEX "github_project_links_project_key_idx" ON "github_project_links"("project_key");

-- CreateIndex
CREATE INDEX "github_project_links_user_key_idx" ON "github_project_links"("user_key");

-- CreateIndex
CREATE INDEX "github_project_links_branch_key_key_idx" ON "github_project_links"("branch_key", "key");
