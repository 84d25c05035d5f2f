import { SignJWT } from "jose";

const LIFETIME = "1d";

/** Returns a bearer token of a user in Supabase's format. */
export function sampleToken(userId: string, jwtSecret: string, audience: string): Promise<string> {
  return new SignJWT({})
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(userId)
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime(LIFETIME)
    .sign(new TextEncoder().encode(jwtSecret));
}
