-- CreateTable
CREATE TABLE "github_installation_requests" (
    "key" TEXT NOT NULL PRIMARY KEY,
    "api_url" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "github_user_id" BIGINT NOT NULL,
    "requested_at" DATETIME NOT NULL
);
