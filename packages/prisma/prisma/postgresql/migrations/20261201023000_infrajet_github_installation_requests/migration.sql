-- CreateTable
CREATE TABLE "github_installation_requests" (
    "key" TEXT NOT NULL,
    "api_url" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "github_user_id" BIGINT NOT NULL,
    "requested_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "github_installation_requests_pkey" PRIMARY KEY ("key")
);
