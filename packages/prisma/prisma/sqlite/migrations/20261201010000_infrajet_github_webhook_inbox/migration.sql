-- AlterTable
ALTER TABLE "github_deliveries" ADD COLUMN "attempt_limit" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "github_deliveries" ADD COLUMN "body" BLOB;
ALTER TABLE "github_deliveries" ADD COLUMN "stored_bytes" INTEGER NOT NULL DEFAULT 0;
