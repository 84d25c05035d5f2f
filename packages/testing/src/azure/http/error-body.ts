import { isoDate, type Ticks } from "../storage/ticks.js";
import { element, wrap, XML_HEAD } from "./xml.js";

/** Returns the XML body of an error. */
export function errorBody(error: {
  code: string;
  message: string;
  requestId: string;
  time: Ticks;
  elements?: Readonly<Record<string, string>> | undefined;
}): Buffer {
  const { code, message, requestId, time, elements = {} } = error;
  const text = `${message}\nRequestId:${requestId}\nTime:${isoDate(time)}`;
  const more = Object.entries(elements).map(([name, value]) => element(name, value));
  return Buffer.from(XML_HEAD + wrap("Error", element("Code", code) + element("Message", text) + more.join("")));
}
