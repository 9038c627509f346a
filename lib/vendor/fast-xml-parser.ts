// eslint-disable-next-line @typescript-eslint/no-deprecated -- its successor is another package; this one is pinned
export { XMLParser, XMLValidator } from 'fast-xml-parser';
