// Express 4, installed beside 5. The parts that these tests use have the same types.
declare module "express4" {
  import express from "express";

  export default express;
}
