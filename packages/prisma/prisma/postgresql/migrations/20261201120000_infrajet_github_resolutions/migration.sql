-- CreateTable
CREATE TABLE "github_conflict_resolutions" (
    "key" TEXT NOT NULL,
    "target_key" TEXT NOT NULL,
    "resolution_id" TEXT NOT NULL,
    "path" TEXT NOT NULL,
    "local_oid" TEXT,
    "remote_oid" TEXT,
    "choice" TEXT,
    "content" BYTEA,
    "created_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "github_conflict_resolutions_pkey" PRIMARY KEY ("key")
);

-- CreateIndex
CREATE INDEX "github_conflict_resolutions_target_key_idx" ON "github_conflict_resolutions"("target_key");
