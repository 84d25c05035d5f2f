// Express 4, installed beside 5: what these tests call of it has the same types.
declare module "express4" {
  import express from "express";

  export default express;
}
